"""PINs that were entered into cards, kept only while they may have been wrong. The PIN itself is never stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from db.engine.connection import writing
from db.models.modem_records import PinTry

# An ICCID has 18 to 20 digits (ITU-T E.118); whatever else a note is filed under may be any card.
_ICCID_AT_LEAST = 18


@dataclass(frozen=True, slots=True)
class PinNote:
    """One PIN's try at a card. `digest` recognises the PIN again; `refused` says that the card answered no."""

    digest: str
    tried_at: datetime
    refused: bool


def pin_notes(card: str) -> list[PinNote]:
    """Notes about `card`, oldest first."""
    return [_note(row) for row in PinTry.select().where(PinTry.card == card).order_by(PinTry.id)]


def notes_of_unknown_cards(digest: str) -> list[PinNote]:
    """The tries of this PIN at cards that did not say who they were: any of them may be the one that asks now."""
    unknown = PinTry.card.startswith("?") | (fn.LENGTH(PinTry.card) < _ICCID_AT_LEAST)
    return [_note(row) for row in PinTry.select().where(unknown, PinTry.digest == digest)]


def mark_pin_tried(card: str, digest: str, now: datetime) -> None:
    """Before the PIN goes to the card, so that a crash in between is known of."""
    with writing():
        PinTry.delete().where(PinTry.card == card, PinTry.digest == digest).execute()
        PinTry.create(card=card, digest=digest, tried_at=now)


def mark_pin_refused(card: str) -> None:
    """The card said no to the PIN that was tried last."""
    with writing():
        last = PinTry.select(PinTry.id).where(PinTry.card == card).order_by(PinTry.id.desc()).limit(1)
        PinTry.update(refused=True).where(PinTry.id.in_(last)).execute()


def mark_pin_accepted(card: str, before: Iterable[str] = ()) -> None:
    """The card is open: forget untold tries. What it refused, also under the names `before`, stays noted of it."""
    names = [card, *before]
    if not PinTry.select().where(PinTry.card.in_(names)).exists():
        return
    with writing():
        PinTry.delete().where(PinTry.card.in_(names), PinTry.refused == False).execute()  # noqa: E712
        for row in PinTry.select().where(PinTry.card.in_(names[1:])):
            moved = PinTry.insert(card=card, digest=row.digest, tried_at=row.tried_at, refused=True)
            moved.on_conflict_ignore().execute()


def _note(row: PinTry) -> PinNote:
    return PinNote(row.digest, row.tried_at, row.refused)
