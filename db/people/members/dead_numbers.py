"""Numbers that get no alerts: a worklist by neighbourhood, until they are corrected or an SMS arrives.

A number is dead if the network reports that nobody has it, or that it takes no SMS, or if the last three alerts were
not delivered: not counting what was never handed to the network, nor alerts that most of their people did not get.
Decision: docs/adr/0042.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby, islice

from peewee import fn

from db.engine.base import put, tuples
from db.engine.connection import writing
from db.models.broadcasts import Broadcast, Message, Part
from db.models.people import DeadNumber as DeadNumber  # the jobs name the rows that they get
from db.models.people import Member, Neighbourhood
from db.people.members.listing import agrees_to
from db.people.members.saving import count_people
from rules.states import PartState

# 3GPP TS 24.011 annex E-2: 1, unassigned number. 23.040 § 9.2.3.22: C3 (195), invalid SME address; § 9.2.3.15: TP-ST
# 0x41 (65), incompatible destination.
UNASSIGNED = ("CMS 1", "CMS 195", "st:65")
IN_A_ROW = 3
# Validity and late reports are over by then.
_LOOKED_AT = timedelta(days=3)
# An alert on its way has other work for the machine.
_SETTLED = timedelta(minutes=10)
_BAD = (PartState.FAILED, PartState.UNDELIVERED, PartState.EXPIRED)
# Of so many people, half of them unreached are the network's trouble.
_MANY = 10
# Alerts of one number that are looked through for the last three that say something.
_LAST_ALERTS = 12


def dead_numbers(neighbourhood_ids: Collection[int] | None = None, untold: bool = False) -> list[DeadNumber]:
    """The worklist by neighbourhood and name, of these neighbourhoods or of all; `untold`: which no mail named yet."""
    rows = (
        DeadNumber.select(DeadNumber, Member, Neighbourhood, agrees_to("mail_group").alias("is_known"))
        .join(Member)
        .join(Neighbourhood)
        .where(DeadNumber.mobile == Member.mobile, DeadNumber.dismissed_at.is_null())
        .order_by(Neighbourhood.position, Neighbourhood.name, Member.last_name, Member.first_name, Member.id)
    )
    if neighbourhood_ids is not None:
        rows = rows.where(Member.neighbourhood.in_(list(neighbourhood_ids)))
    if untold:
        rows = rows.where(DeadNumber.told_at.is_null())
    return list(rows)


def mark_right(member_id: int, now: datetime) -> bool:
    """The number is right: off the list until another alert does not reach it. False where it was not on it."""
    return bool(DeadNumber.update(dismissed_at=now).where(DeadNumber.member == member_id).execute())


def mark_told(member_ids: Collection[int], now: datetime) -> None:
    """A mail informs the coordinator of them; inside the caller's transaction."""
    DeadNumber.update(told_at=now).where(DeadNumber.member.in_(list(member_ids))).execute()


def unreached(now: datetime) -> dict[int, int]:
    """The settled broadcasts of the last days, with how many of their parts did not arrive."""
    rows = (
        Part.select(Part.broadcast, fn.COUNT(Part.id))
        .join(Broadcast, on=(Part.broadcast == Broadcast.id))
        .where(Broadcast.created_at.between(now - _LOOKED_AT, now - _SETTLED), Part.state.in_(_BAD))
        .group_by(Part.broadcast)
    )
    return dict(tuples(rows))


def note_dead_numbers(broadcast_id: int, now: datetime) -> None:
    """Put the members on the list whom this broadcast shows to be unreachable."""
    # The members' last alerts are mostly the same ones.
    is_the_network_s = cache(_is_the_network_s)
    tells = not is_the_network_s(broadcast_id)
    for member_id, mobile, unassigned in list(_unreached_members(broadcast_id)):
        why = "unassigned" if unassigned else ""
        if not why and tells and _three_in_a_row(mobile, is_the_network_s):
            why = "undelivered"
        if not why:
            continue
        known = DeadNumber.get_or_none(DeadNumber.member == member_id, DeadNumber.mobile == mobile)
        if known is not None and known.broadcast >= broadcast_id:
            continue
        with writing():
            put(
                DeadNumber,
                {"member": member_id},
                mobile=mobile,
                why=why,
                broadcast=broadcast_id,
                seen_at=known.seen_at if known is not None else now,
                told_at=known.told_at if known is not None else None,
                dismissed_at=None,
            )
            if known is None:
                count_people("dead", [Member.get_by_id(member_id).neighbourhood_id], now)


def forget_living_numbers() -> None:
    """Remove from the list members who now have another number, or got an SMS since."""
    gone = []
    for row in DeadNumber.select(DeadNumber, Member).join(Member):
        later = Message.select(Message.id).where(Message.msisdn == row.mobile, Message.broadcast > row.broadcast)
        arrived = Part.select().where(Part.message.in_(later), Part.state == PartState.DELIVERED)
        if row.member.mobile != row.mobile or arrived.exists():
            gone.append(row.id)
    if gone:
        with writing():
            DeadNumber.delete().where(DeadNumber.id.in_(gone)).execute()


def _unreached_members(broadcast_id: int) -> Iterator[tuple[int, str, bool]]:
    """(member, number, True if the network calls it unassigned) of every member whom this broadcast did not reach."""
    rows = (
        Part.select(Member.id, Member.mobile, Part.reason)
        .join(Message, on=(Part.message == Message.id))
        .join(Member, on=((Message.member == Member.id) & (Message.msisdn == Member.mobile)))
        .where(Part.broadcast == broadcast_id, Part.state.in_(_BAD))
        .order_by(Member.id)
    )
    for (member_id, mobile), parts in groupby(tuples(rows), key=lambda row: row[:2]):
        yield member_id, mobile, any(reason in UNASSIGNED for _id, _mobile, reason in parts)


def _three_in_a_row(mobile: str, is_the_network_s: Callable[[int], bool]) -> bool:
    """True when the last three alerts to this number that count were not delivered."""
    newest = (
        Message.select(Message.id, Message.broadcast)
        .join(Broadcast)
        .where(Message.msisdn == mobile, Broadcast.kind == "alert")
        .order_by(Message.id.desc())
        .limit(_LAST_ALERTS)
    )
    outcomes = (_outcome(message, broadcast, is_the_network_s) for message, broadcast in tuples(newest))
    telling = list(islice((outcome for outcome in outcomes if outcome is not None), IN_A_ROW))
    return len(telling) == IN_A_ROW and not any(telling)


def _outcome(message_id: int, broadcast_id: int, is_the_network_s: Callable[[int], bool]) -> bool | None:
    """False for a message that was not delivered, True for one that the phone may have; None if it does not count."""
    parts = tuples(Part.select(Part.state, Part.reason, Part.sent_at).where(Part.message == message_id))
    if any(_is_refused(*part) for part in parts):
        return None if is_the_network_s(broadcast_id) else False
    silent = (PartState.CANCELLED, PartState.FAILED, PartState.EXPIRED)
    return None if any(state in silent for state, _reason, _sent_at in parts) else True


def _is_refused(state: PartState, reason: str, sent_at: datetime | None) -> bool:
    """True when the network had the part and reports that it did not arrive, or refused it because of this number."""
    if state is PartState.FAILED:
        return reason.startswith("CMS ")
    return state is PartState.UNDELIVERED or (state is PartState.EXPIRED and sent_at is not None)


def _is_the_network_s(broadcast_id: int) -> bool:
    unarrived = Part.select(fn.COUNT(fn.DISTINCT(Part.message))).where(
        Part.broadcast == broadcast_id, Part.state.in_(_BAD)
    )
    people = Broadcast.get_by_id(broadcast_id).recipients
    return people >= _MANY and 2 * int(unarrived.scalar()) > people
