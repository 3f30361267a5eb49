"""PINs that were entered into cards, kept only while they may have been wrong. The PIN itself is never stored."""

from dataclasses import dataclass
from datetime import datetime

from db.connection import writing
from db.models import PinTry


@dataclass(frozen=True, slots=True)
class PinNote:
    """The last try at a card. `digest` recognises the PIN again; `refused` says that the card answered no."""

    digest: str
    tried_at: datetime
    refused: bool


def pin_note(card: str) -> PinNote | None:
    """What is noted about `card` (ICCID, or the IMEI where the card does not tell it)."""
    row = PinTry.get_or_none(PinTry.card == card)
    return PinNote(row.digest, row.tried_at, row.refused) if row else None


def mark_pin_tried(card: str, digest: str, now: datetime) -> None:
    """Before the PIN goes to the card, so that a crash in between is known of."""
    with writing():
        PinTry.delete().where(PinTry.card == card).execute()
        PinTry.create(card=card, digest=digest, tried_at=now)


def mark_pin_refused(card: str) -> None:
    """The card said no to the PIN that was tried last."""
    with writing():
        PinTry.update(refused=True).where(PinTry.card == card).execute()


def mark_pin_accepted(card: str) -> None:
    """The card is open. A PIN that it once refused stays noted: another one, or none, opened it."""
    with writing():
        PinTry.delete().where(PinTry.card == card, PinTry.refused == False).execute()  # noqa: E712
