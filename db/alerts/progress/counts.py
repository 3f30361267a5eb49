"""Counts of a broadcast's messages by state, for pages that ask every second; messages that a person may send again
(docs/reference/modem-facts.md, "One message, one SIM"); members who got an alert by mail or by a call."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import SQL, Case, fn

from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import AlertCall, Broadcast, BroadcastText, Message, Part
from db.models.mail import Mail
from db.models.people import Member
from db.modems.readiness import ready_sims
from db.modems.sims import LOST_AFTER, may_take
from rules.mail import MailState
from rules.states import CORRECTED, MAY_BE_THERE, WORST_FIRST, PartState, Stage

# The worst part of a message in these states was taken by the network, so all were.
_TAKEN = (PartState.SENT, PartState.DELIVERED)
# In these the network had it if a report said so; a part that expired may never have left, and others may still wait.
_NOT_ARRIVED = (PartState.UNDELIVERED, PartState.EXPIRED)
# The part's rank in WORST_FIRST: the least of a message's names it.
RANK = Case(Part.state, [(state.value, rank) for rank, state in enumerate(WORST_FIRST)], 0)
_IS_QUEUED = Prepared(
    Broadcast.select(SQL("1")).where(Broadcast.id == given("broadcast"), Broadcast.stage == Stage.QUEUED)
)
_TEXTS = Prepared(lambda ids: BroadcastText.select().where(BroadcastText.broadcast.in_(ids)).order_by(BroadcastText.id))
# Never "= true": the partial index is used only when its own condition is in the query.
_SIMULATED = Prepared(lambda ids: Part.select(Part.broadcast).distinct().where(Part.broadcast.in_(ids), Part.simulated))
_COUNTED = Part.select(Part.broadcast, Part.state, fn.COUNT(SQL("1")))
_BY_STATE = Prepared(lambda ids: _COUNTED.where(Part.broadcast.in_(ids)).group_by(Part.broadcast, Part.state))
_BY_WORST = Prepared(lambda ids: _counted_by_worst(ids))
_SIBLING = Part.alias()
_UNTAKEN = _SIBLING.select(SQL("1")).where(_SIBLING.message == Part.message, _SIBLING.sent_at.is_null())
_MISSED = Part.select(Part.broadcast, fn.COUNT(Part.message.distinct())).where(~fn.EXISTS(_UNTAKEN))
_IN_VAIN = Prepared(
    lambda ids: _MISSED.where(Part.broadcast.in_(ids), Part.state.in_(_NOT_ARRIVED)).group_by(Part.broadcast)
)
# What a person stopped. Who left meanwhile (`opted_out`) is not among them.
STOPPED = ("stopped", "followed_up")
_WENT_OUT = (PartState.SENT, PartState.DELIVERED, PartState.UNDELIVERED, PartState.UNCONFIRMED)
# A mail that still waits in our queue is stopped with its alert: nobody has it.
_LEFT = (MailState.SENDING, MailState.ACCEPTED)
_WAITING = Mail.select(Mail.id).where(
    Mail.broadcast == Broadcast.id, Mail.state.in_((MailState.QUEUED, MailState.SENDING))
)
_MAILED = Prepared(lambda ids: Broadcast.select(Broadcast.id).where(Broadcast.id.in_(ids), fn.EXISTS(_WAITING)))
_TOLD = Prepared(lambda ids: Broadcast.select(Broadcast.id).where(Broadcast.id.in_(ids), has_told(Broadcast.id)))


@dataclass(frozen=True, slots=True)
class Tally:
    """A broadcast's texts, the main one first, the segments of the longest, and counts by state. `taken` messages were
    accepted by the network whole: the number that every door shows as sent."""

    texts: tuple[BroadcastText, ...]
    segments: int
    parts: dict[PartState, int]
    messages: dict[PartState, int]
    taken: int
    went_through_simulator: bool

    @property
    def text(self) -> BroadcastText:
        return self.texts[0]


def tallies(rows: Sequence[Broadcast]) -> dict[int, Tally]:
    """By broadcast id, in four queries; a fifth for texts of several parts, or parts that did not arrive."""
    ids = [row.id for row in rows]
    if not ids:
        return {}
    texts: dict[int, list[BroadcastText]] = grouped((text.broadcast_id, text) for text in _TEXTS.results(ids=ids))
    segments = {number: max(len(json.loads(text.segments)) for text in texts[number]) for number in ids}
    parts: dict[int, dict[PartState, int]] = {number: {} for number in ids}
    for number, state, count in _BY_STATE.rows(ids=ids):
        parts[number][PartState(state)] = count
    messages = parts | _by_message([number for number in ids if segments[number] > 1])
    missed = _taken_in_vain([number for number in ids if any(parts[number].get(state) for state in _NOT_ARRIVED)])
    through_simulator = {row[0] for row in _SIMULATED.rows(ids=ids)}
    return {
        row.id: Tally(
            texts=tuple(texts[row.id]),
            segments=segments[row.id],
            parts=parts[row.id],
            messages=_whole(row, messages[row.id]),
            taken=sum(messages[row.id].get(state, 0) for state in _TAKEN) + missed.get(row.id, 0),
            went_through_simulator=row.id in through_simulator,
        )
        for row in rows
    }


def is_taken(worst: PartState, all_taken: bool) -> bool:
    """True for a message that is with the network whole, by its worst part: what `Tally.taken` counts."""
    return worst in _TAKEN or (worst in _NOT_ARRIVED and all_taken)


def worst_parts(broadcast_ids: Sequence[int]) -> Any:
    """A subquery, one row per message: broadcast_id, message_id, and `rank`, of the worst part in WORST_FIRST."""
    return (
        Part.select(Part.broadcast.alias("broadcast_id"), Part.message.alias("message_id"), fn.MIN(RANK).alias("rank"))
        .where(Part.broadcast.in_(broadcast_ids))
        .group_by(Part.broadcast, Part.message)
    )


def _taken_in_vain(ids: list[int]) -> dict[int, int]:
    """By broadcast, the messages that the network accepted whole but of which a part did not arrive."""
    return dict(_IN_VAIN.rows(ids=ids)) if ids else {}


def _counted_by_worst(ids: Sequence[Any]) -> Any:
    worst = worst_parts(ids)
    counted = worst.select_from(worst.c.broadcast_id, worst.c.rank, fn.COUNT(SQL("1")))
    return counted.group_by(worst.c.broadcast_id, worst.c.rank)


def _by_message(ids: list[int]) -> dict[int, dict[PartState, int]]:
    rows = _BY_WORST.rows(ids=ids) if ids else []
    by_broadcast = grouped((broadcast_id, (WORST_FIRST[rank], count)) for broadcast_id, rank, count in rows)
    return {broadcast_id: dict(counts) for broadcast_id, counts in by_broadcast.items()}


def _whole(row: Broadcast, counts: dict[PartState, int]) -> dict[PartState, int]:
    """Counts by state that add up to the recipients: messages not written yet count as queued."""
    missing = row.recipients - sum(counts.values())
    return counts | {PartState.QUEUED: counts.get(PartState.QUEUED, 0) + missing} if missing > 0 else counts


def called_off_messages(broadcast_id: int, among: Collection[int] | None = None) -> list[int]:
    """Ids of stopped messages, of `among` if given, in the order of sending; none where nobody has the broadcast."""
    parts = Part.select(Part.message).where(Part.broadcast == broadcast_id)
    if not parts.where(Part.state.in_(MAY_BE_THERE)).exists():
        return []
    if among is not None:
        parts = parts.where(Part.message.in_(among))
    otherwise = Case(None, [((Part.state == PartState.CANCELLED) & Part.reason.not_in(STOPPED), 1)], 0)
    is_stopped = (fn.MIN(RANK) == WORST_FIRST.index(PartState.CANCELLED)) & (fn.SUM(otherwise) == 0)
    return [row[0] for row in tuples(parts.group_by(Part.message).having(is_stopped).order_by(Part.message))]


def incomplete_messages(broadcast_id: int, now: datetime, among: Collection[int] | None = None) -> list[int]:
    """Ids of messages, of `among` if given, partly out, partly waiting, and whose SIM has been away for a while."""
    if not _IS_QUEUED.first(broadcast=broadcast_id):
        return []
    # By a modem of any host that is ready now.
    ways = [may_take(imsi, seat, now - LOST_AFTER) for imsi, seat in ready_sims(now)]
    can_go_on = reduce(or_, ways, Message.imsi.is_null())
    parts = Part.select(Part.message).join(Message).where(Part.broadcast == broadcast_id, ~can_go_on)
    if among is not None:
        parts = parts.where(Part.message.in_(among))
    is_split = _some(PartState.QUEUED) & _some(*_WENT_OUT) & ~_some(PartState.SENDING)
    rests = fn.MAX(Part.changed_at) <= Part.changed_at.db_value(now - LOST_AFTER)
    return [row[0] for row in tuples(parts.group_by(Part.message).having(is_split & rests).order_by(Part.message))]


def _some(*states: PartState) -> Any:
    return fn.SUM(Case(None, [(Part.state.in_(states), 1)], 0)) > 0


def is_about(broadcast: Any) -> Any:
    """Condition on mails: the one about this broadcast, an id or a column, to the member."""
    return (Mail.broadcast == broadcast) & (Mail.member == Member.id)


def are_about(broadcast_ids: Collection[int]) -> Any:
    """Condition on mails: about one of these, to whomever."""
    return Mail.broadcast.in_(broadcast_ids)


def with_corrected(broadcast_id: int, before: int | None = None) -> list[int]:
    """The broadcast and those that brought its corrected text to others, `before` a later one: all have the alert."""
    theirs = Broadcast.select(Broadcast.id).where(Broadcast.original == broadcast_id, Broadcast.kind == CORRECTED)
    rows = tuples(theirs if before is None else theirs.where(Broadcast.id < before))
    return [broadcast_id, *sorted(row[0] for row in rows)]


def is_told(broadcast_ids: Collection[Any]) -> Any:
    """Condition on members: informed of one of these, ids or a column, by mail or by a call."""
    numbers = [*broadcast_ids]
    mails = Mail.select(Mail.id).where(Mail.broadcast.in_(numbers), Mail.member == Member.id, Mail.state.in_(_LEFT))
    calls = AlertCall.select(AlertCall.id).where(AlertCall.broadcast.in_(numbers), AlertCall.member == Member.id)
    return fn.EXISTS(mails) | fn.EXISTS(calls)


def has_told(broadcast: Any) -> Any:
    """Condition on a broadcast, an id or a column: somebody was informed of it by mail or by a call."""
    mails = Mail.select(Mail.id).where(Mail.broadcast == broadcast, Mail.member.is_null(False), Mail.state.in_(_LEFT))
    return fn.EXISTS(mails) | fn.EXISTS(AlertCall.select(AlertCall.id).where(AlertCall.broadcast == broadcast))


def is_being_mailed(broadcast_id: int) -> bool:
    """True while a mail about it waits for a server. From the mails that wait, which are few: not from the members."""
    return broadcast_id in being_mailed([broadcast_id])


def being_mailed(broadcast_ids: Sequence[int]) -> set[int]:
    """Those of these broadcasts for which `is_being_mailed`, in one query."""
    return {number for (number,) in _MAILED.rows(ids=broadcast_ids)} if broadcast_ids else set()


def having_told(broadcast_ids: Sequence[int]) -> set[int]:
    """Those of these broadcasts of which `has_told` holds, in one query."""
    return {number for (number,) in _TOLD.rows(ids=broadcast_ids)} if broadcast_ids else set()
