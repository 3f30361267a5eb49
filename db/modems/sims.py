"""Cards in modems: a swapped SIM waits for a person, a message stays with its SIM, PINs that may be wrong are noted
(docs/adr/0049)."""

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from peewee import SQL, fn

from db.engine.clock import utc_now
from db.engine.connection import bound_state_folder, writing
from db.engine.files import write_whole
from db.journal import audit
from db.models.broadcasts import Message
from db.models.modem_records import PinTry
from db.models.modem_records import SimCard as SimCard  # pages name the rows that they show
from db.models.zone import Modem
from rules.sentences import coded

# Who accepted the first card that a box ever had.
FIRST = "plp"
# 3GPP TS 23.003: MCC 001 is for test networks. No operator has it, so such a SIM is a simulator's, for ever.
TEST_NETWORK = "001"
# A modem that is reset or plugged in again is back within a minute or two.
LOST_AFTER = timedelta(minutes=5)
# An ICCID has 18 to 20 digits (ITU-T E.118); whatever else a note is filed under may be any card.
_ICCID_AT_LEAST = 18
# The daemon opens a locked modem again every few seconds; after this long nobody asks for what was typed.
TYPED_HOLDS_S = 120.0
_ACCEPTED = SimCard.select(SQL("1")).where(SimCard.accepted_at.is_null(False))


def apply_seen(host: str, modem: str, imei: str, imsi: str, iccid: str | None, now: datetime) -> bool:
    """Record this card in this modem; True when the pair may send. Only a new box's first card is accepted unasked."""
    with writing("cards"):  # of the first cards of two machines, one is the first
        row = SimCard.get_or_none(SimCard.imei == imei, SimCard.imsi == imsi)
        if row is not None:
            seen = {"host": host, "modem": modem, "iccid": iccid or row.iccid, "seen_at": now}
            SimCard.update(seen).where(SimCard.id == row.id).execute()
            return row.accepted_at is not None
        # No later one: a stick can report any IMEI and IMSI.
        trusted = not _ACCEPTED.where(~SimCard.imsi.startswith(TEST_NETWORK)).exists()
        accepted = {"accepted_at": now, "accepted_by": FIRST} if trusted else {}
        SimCard.create(host=host, modem=modem, imei=imei, imsi=imsi, iccid=iccid, seen_at=now, **accepted)
        audit.record(now, FIRST, "sim_accepted" if trusted else "sim_quarantined", f"{host}/{modem}")
        return trusted


def accept(card_id: int, by: str, now: datetime) -> bool:
    """A person accepts this card in this modem; the daemon notices it in the database. False for an unknown card."""
    with writing():
        row = SimCard.get_or_none(SimCard.id == card_id)
        if row is not None and row.accepted_at is None:
            SimCard.update(accepted_at=now, accepted_by=by).where(SimCard.id == card_id).execute()
            waiting = (Modem.state == "quarantined") & (Modem.imei == row.imei) & (Modem.imsi == row.imsi)
            starting = Modem.update(state="starting", sentence=coded("sim_accepted").stored, changed_at=now)
            starting.where(waiting).execute()
            audit.record(now, by, "sim_accepted", f"{row.host}/{row.modem}")
        return row is not None


def accepted_since(imei: str, imsi: str) -> datetime | None:
    """Since when this pair may send; None while it may not."""
    return SimCard.select(SimCard.accepted_at).where(SimCard.imei == imei, SimCard.imsi == imsi).scalar() or None


def waiting_cards() -> list[SimCard]:
    """The cards that wait for a person, the one seen last first."""
    return list(SimCard.select().where(SimCard.accepted_at.is_null()).order_by(SimCard.seen_at.desc()))


def known_cards() -> list[SimCard]:
    """Every card that was ever seen, by host and modem."""
    return list(SimCard.select().order_by(SimCard.host, SimCard.modem, SimCard.seen_at.desc()))


def is_accepted(imei: Any, imsi: Any) -> Any:
    """Condition that a technician, or the first start, accepted this pair."""
    return fn.EXISTS(_ACCEPTED.where(SimCard.imei == imei, SimCard.imsi == imsi))


def may_take(imsi: Any, seat: Any, since: Any) -> Any:
    """Condition that this card in this modem (host/name) may send the rest of a message; `since` is LOST_AFTER ago."""
    gone = (Modem.state == "no_sim") | ((Modem.state == "absent") & (Modem.changed_at <= since))
    can_send = Modem.select(SQL("1")).where(
        Modem.host.concat("/").concat(Modem.name) == Message.modem,
        Modem.imsi.is_null() | (Modem.imsi == Message.imsi),
        ~gone,
    )
    return (Message.imsi == imsi) & (Message.modem.is_null() | (Message.modem == seat) | ~fn.EXISTS(can_send))


def keep_typed_pin(modem: str, pin: str) -> None:
    """Leave a typed PIN for this host's daemon, in a file that it deletes as it reads it. Raises OSError."""
    file = _pin_file("typed", modem)
    file.parent.mkdir(parents=True, exist_ok=True)  # with a PostgreSQL database it may hold nothing yet
    write_whole(file, pin.encode("ascii"))
    typed_s = utc_now().timestamp()  # of the one clock that the daemon compares it with, which may be another machine's
    os.utime(file, (typed_s, typed_s))


def take_typed_pin(modem: str, now: datetime) -> str | None:
    """The PIN that a person typed just now; None for none. It is deleted afterwards, used or not."""
    path = _pin_file("typed", modem)
    try:
        pin, written_s = path.read_text(encoding="ascii"), path.stat().st_mtime
        path.unlink()
    except OSError:
        return None
    return pin if abs(now.timestamp() - written_s) < TYPED_HOLDS_S else None


def _pin_file(kind: str, name: str) -> Path:
    """Beside the database; named by a digest, as a modem may be called anything."""
    return bound_state_folder() / f"{kind}-pin-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def names_a_card(name: str) -> bool:
    """True for an ICCID; what else a note is filed under may be any card."""
    return len(name) >= _ICCID_AT_LEAST and name.isdecimal()


def keep_right_pin(card: str, digest: str) -> None:
    """This PIN opened `card`. In a file, no row or backup: a digest of four digits is soon guessed. Raises OSError."""
    write_whole(_pin_file("right", card), digest.encode("ascii"))


def was_right_pin(card: str, digest: str) -> bool:
    """True when it was this PIN that opened `card` last."""
    try:
        return names_a_card(card) and _pin_file("right", card).read_text(encoding="ascii") == digest
    except OSError:
        return False


def forget_right_pin(card: str) -> None:
    """`card` refused it, or another one."""
    _pin_file("right", card).unlink(missing_ok=True)


def pin_notes(card: str) -> list[PinTry]:
    """The tries at `card`, oldest first."""
    return list(PinTry.select().where(PinTry.card == card).order_by(PinTry.id))


def notes_of_unknown_cards(digest: str) -> list[PinTry]:
    """The tries of this PIN on cards without a known identity: any of them may be the present card."""
    unknown = PinTry.card.startswith("?") | (fn.LENGTH(PinTry.card) < _ICCID_AT_LEAST)
    return list(PinTry.select().where(unknown, PinTry.digest == digest))


def mark_pin_tried(card: str, digest: str, now: datetime) -> None:
    """Called before the PIN goes to the card, so that a crash in between is noticed."""
    with writing():
        PinTry.delete().where(PinTry.card == card, PinTry.digest == digest).execute()
        PinTry.create(card=card, digest=digest, tried_at=now)


def mark_pin_refused(card: str) -> None:
    """The card refused the PIN that was tried last."""
    with writing():
        last = PinTry.select(PinTry.id).where(PinTry.card == card).order_by(PinTry.id.desc()).limit(1)
        PinTry.update(refused=True).where(PinTry.id.in_(last)).execute()


def mark_pin_accepted(card: str, before: Iterable[str] = ()) -> None:
    """The card is open: delete tries without a known result. Its refusals, also under the names `before`, are kept."""
    names = [card, *before]
    if not PinTry.select().where(PinTry.card.in_(names)).exists():
        return
    with writing():
        PinTry.delete().where(PinTry.card.in_(names), PinTry.refused == False).execute()  # noqa: E712
        for row in PinTry.select().where(PinTry.card.in_(names[1:])):
            moved = PinTry.insert(card=card, digest=row.digest, tried_at=row.tried_at, refused=True)
            moved.on_conflict_ignore().execute()
