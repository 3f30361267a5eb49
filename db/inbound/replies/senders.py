"""Senders of texts: their names, whether one is a SIM of our own, and the texts that we sent (for the loop guard)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from db.engine.base import tuples
from db.engine.connection import writing
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.models.modem_records import OwnNumber
from db.models.people import Member, Neighbourhood
from rules.replies.values import SenderCard

# A text that comes back within this is ours: a gateway that forwards, or a phone that quotes.
ECHOES_WITHIN = timedelta(hours=24)
MOST_ANSWERS = 20


def sender_card(number: str) -> SenderCard:
    """The member with this number; of several who share it, the first one added."""
    is_own = bool(OwnNumber.select().where(OwnNumber.msisdn == number).exists())
    query = (
        Member.select(Member.language, Neighbourhood.reference_address, Neighbourhood.name)
        .join(Neighbourhood)
        .where(Member.mobile == number)
        .order_by(Member.id)
        .limit(1)
    )
    rows = tuples(query)
    if not rows:
        return SenderCard(False, "", "", is_own)
    language, address, neighbourhood = rows[0]
    return SenderCard(True, language, address, is_own, neighbourhood)


def texts_sent_lately(now: datetime) -> list[str]:
    """Every different text that was sent to anybody within 24 hours."""
    query = (
        BroadcastText.select(BroadcastText.body)
        .join(Broadcast)
        .where(Broadcast.created_at > now - ECHOES_WITHIN)
        .distinct()
    )
    return [body for (body,) in tuples(query)]


def answers_sent_to(number: str) -> list[str]:
    """The newest automatic answers to this number that are still kept: one that comes back days later is also ours."""
    query = (
        BroadcastText.select(BroadcastText.body)
        .join(Broadcast)
        .join(Message, on=(Message.broadcast == Broadcast.id))
        .where(Message.msisdn == number, Broadcast.kind == "answer")
        .order_by(Broadcast.id.desc())
        .limit(MOST_ANSWERS)
    )
    return [body for (body,) in tuples(query)]


def apply_own_numbers(host: str, numbers: Mapping[str, str]) -> None:
    """Remember the numbers of this host's SIMs, by the name of the modem, for every host."""
    known = dict(tuples(OwnNumber.select(OwnNumber.modem, OwnNumber.msisdn).where(OwnNumber.host == host)))
    if known == dict(numbers):
        return
    with writing():
        told = {row.msisdn for row in OwnNumber.select() if row.told}
        OwnNumber.delete().where(OwnNumber.host == host).execute()
        for modem, msisdn in numbers.items():
            OwnNumber.create(host=host, modem=modem, msisdn=msisdn, told=not told or msisdn in told)


def untold_numbers() -> list[str]:
    """Those of them that were added after the first, and that the members do not know yet."""
    rows = OwnNumber.select(OwnNumber.msisdn).where(~OwnNumber.told).distinct()
    return [msisdn for (msisdn,) in tuples(rows.order_by(OwnNumber.msisdn))]


def mark_numbers_told(numbers: Collection[str]) -> None:
    """Mark these as known to the members, inside the caller's transaction."""
    OwnNumber.update(told=True).where(OwnNumber.msisdn.in_(list(numbers))).execute()


def own_numbers() -> list[str]:
    """The numbers of the SIMs of every host that shares this database."""
    return [msisdn for (msisdn,) in tuples(OwnNumber.select(OwnNumber.msisdn).distinct().order_by(OwnNumber.msisdn))]


def names_of(numbers: Iterable[str]) -> dict[str, str]:
    """Number → name of the member who has it, the first of several; strangers are left out."""
    query = Member.select(Member.mobile, Member.first_name, Member.last_name).where(Member.mobile.in_(list(numbers)))
    names: dict[str, str] = {}
    for mobile, first, last in tuples(query.order_by(Member.id)):
        names.setdefault(mobile, f"{first} {last}".strip())
    return names
