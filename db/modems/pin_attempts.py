"""PINs that were entered into cards, kept while they may have been wrong. The database never holds a PIN itself."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from peewee import fn

from db.engine.connection import bound_state_folder, writing
from db.engine.files import write_whole
from db.models.modem_records import PinTry

# An ICCID has 18 to 20 digits (ITU-T E.118); whatever else a note is filed under may be any card.
_ICCID_AT_LEAST = 18


# The daemon opens a locked modem again every few seconds; after this long nobody asks for what was typed.
TYPED_HOLDS_S = 120.0


def keep_typed_pin(modem: str, pin: str) -> None:
    """Leave a typed PIN for this host's daemon, in a file that it deletes as it reads it. Raises OSError."""
    file = _typed_file(modem)
    file.parent.mkdir(parents=True, exist_ok=True)  # with a PostgreSQL database it may hold nothing yet
    write_whole(file, pin.encode("ascii"))


def take_typed_pin(modem: str, now: datetime) -> str | None:
    """The PIN that a person typed just now; None where there is none. It is gone afterwards, used or not."""
    path = _typed_file(modem)
    try:
        pin, written_s = path.read_text(encoding="ascii"), path.stat().st_mtime
        path.unlink()
    except OSError:
        return None
    return pin if abs(now.timestamp() - written_s) < TYPED_HOLDS_S else None


def _typed_file(modem: str) -> Path:
    """Beside the database; named by a digest, as a modem may be called anything."""
    return bound_state_folder() / f"typed-pin-{hashlib.sha256(modem.encode()).hexdigest()[:16]}"


def pin_notes(card: str) -> list[PinTry]:
    """The tries at `card`, oldest first."""
    return list(PinTry.select().where(PinTry.card == card).order_by(PinTry.id))


def notes_of_unknown_cards(digest: str) -> list[PinTry]:
    """The tries of this PIN at cards that did not say who they were: any of them may be the one that asks now."""
    unknown = PinTry.card.startswith("?") | (fn.LENGTH(PinTry.card) < _ICCID_AT_LEAST)
    return list(PinTry.select().where(unknown, PinTry.digest == digest))


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
