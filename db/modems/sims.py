"""Cards in modems: a swapped SIM waits until a person accepts it, and a message stays with the SIM that began it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from db.engine.base import card_of
from db.engine.connection import writing
from db.journal import audit
from db.models.broadcasts import Message
from db.models.modem_records import SimCard
from db.models.zone import Modem
from plp.rules.refusals import Refusal
from plp.rules.sentences import coded

# Who accepted the first card that a modem ever had.
FIRST = "plp"
# A modem that is reset or plugged in again is back within a minute or two.
LOST_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SeenCard:
    """A card in a modem, as a technician sees it. `accepted_at` is None while it waits."""

    id: int
    host: str
    modem: str
    imei: str
    imsi: str
    iccid: str | None
    seen_at: datetime
    accepted_at: datetime | None
    accepted_by: str


def apply_seen(host: str, modem: str, imei: str, imsi: str, iccid: str | None, now: datetime) -> bool:
    """Note that this card is in this modem; True when the pair may send.

    Accepted by itself: the first card of a section and of a stick; an accepted card in a stick that never had another
    one.
    """
    with writing():
        row = SimCard.get_or_none(SimCard.imei == imei, SimCard.imsi == imsi)
        if row is not None:
            seen = {"host": host, "modem": modem, "iccid": iccid or row.iccid, "seen_at": now}
            SimCard.update(seen).where(SimCard.id == row.id).execute()
            return row.accepted_at is not None
        trusted = _is_trusted(host, modem, imei, imsi)
        SimCard.create(
            host=host,
            modem=modem,
            imei=imei,
            imsi=imsi,
            iccid=iccid,
            seen_at=now,
            accepted_at=now if trusted else None,
            accepted_by=FIRST if trusted else "",
        )
        audit.record(now, FIRST, "sim_accepted" if trusted else "sim_quarantined", f"{host}/{modem}")
        return trusted


def accept(card_id: int, by: str, now: datetime) -> None:
    """A person answers for this card in this modem; the daemon finds out by itself, its row asks nobody any more."""
    with writing():
        row = SimCard.get_or_none(SimCard.id == card_id)
        if row is None:
            raise Refusal("Cette carte SIM est inconnue.")
        if row.accepted_at is None:
            SimCard.update(accepted_at=now, accepted_by=by).where(SimCard.id == card_id).execute()
            waiting = (Modem.state == "quarantined") & (Modem.imei == row.imei) & (Modem.imsi == row.imsi)
            Modem.update(state="starting", sentence=coded("sim_accepted").stored, changed_at=now).where(
                waiting
            ).execute()
            audit.record(now, by, "sim_accepted", f"{row.host}/{row.modem}")


def accepted_since(imei: str, imsi: str) -> datetime | None:
    """Since when this pair may send; None while it may not."""
    row = SimCard.get_or_none(SimCard.imei == imei, SimCard.imsi == imsi)
    return row.accepted_at if row is not None else None


def waiting_cards() -> list[SeenCard]:
    """The cards that wait for a person, the one seen last first."""
    return [
        card_of(SeenCard, row)
        for row in SimCard.select().where(SimCard.accepted_at.is_null()).order_by(SimCard.seen_at.desc())
    ]


def known_cards() -> list[SeenCard]:
    """Every card that was ever seen, by host and modem."""
    return [
        card_of(SeenCard, row) for row in SimCard.select().order_by(SimCard.host, SimCard.modem, SimCard.seen_at.desc())
    ]


def _is_trusted(host: str, modem: str, imei: str, imsi: str) -> bool:
    stick_had_another = SimCard.select().where(SimCard.imei == imei).exists()
    seat_had_another = SimCard.select().where(SimCard.host == host, SimCard.modem == modem).exists()
    card_is_ours = SimCard.select().where(SimCard.imsi == imsi, SimCard.accepted_at.is_null(False)).exists()
    return not stick_had_another and (card_is_ours or not seat_had_another)


def may_take(imsi: Any, seat: Any, since: Any) -> Any:
    """Condition that this card in this modem (host/name) may send the rest of a message; `since` is LOST_AFTER ago."""
    gone = (Modem.state == "no_sim") | ((Modem.state == "absent") & (Modem.changed_at <= since))
    there = Modem.select(SQL("1")).where(
        Modem.host.concat("/").concat(Modem.name) == Message.modem,
        Modem.imsi.is_null() | (Modem.imsi == Message.imsi),
        ~gone,
    )
    return (Message.imsi == imsi) & (Message.modem.is_null() | (Message.modem == seat) | ~fn.EXISTS(there))
