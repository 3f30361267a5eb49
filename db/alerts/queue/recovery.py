"""Recovery after a crash or restart, changes of broadcasts with time, and decisions about one message, as stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from db.alerts.queue.choosing import QUEUED
from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import change_in_chunks, delete_in_chunks, locked, locked_by_id, take_turn, writing
from db.journal import audit
from db.models.broadcasts import Attempt, Broadcast, Part, ends_as
from db.models.broadcasts import Message as Message  # the services name the rows that they get
from db.models.zone import Modem
from db.modems.budgets import count_sent
from db.modems.readiness import live_hosts, signs_of_life
from rules.states import LANE_URGENT, OF_ONE_SIM, Cause, PartState, Stage, sources

# A daemon beats every three seconds.
_GONE = timedelta(minutes=1)
# Longer than any enqueue takes.
PREPARING_AT_MOST = timedelta(minutes=5)
_OPEN_ATTEMPTS = Attempt.select().where(Attempt.outcome == "open")
_IS_OPEN = Broadcast.stage.in_([Stage.QUEUED, Stage.PAUSED, Stage.HELD])


@dataclass(frozen=True, slots=True)
class Recovered:
    """Numbers of parts back in the queue, parts now unconfirmed, broadcasts held."""

    requeued: int
    unconfirmed: int
    held: int


def recover(now: datetime, stale_after: timedelta | None, host: str | None = None) -> Recovered:
    """Take over what the previous daemon left. `host` is None if one daemon uses the whole database; else leases end
    the claims of others, and nothing is stale while another daemon runs. `stale_after` None: all urgent work is stale.
    """
    alone = host is None or not set(live_hosts(now)) - {host}
    with writing():
        requeued, unconfirmed = _take_back(_OPEN_ATTEMPTS if host is None else _of_host(host), now)
        held = _hold_stale(now, stale_after) if alone else 0
    return Recovered(requeued, unconfirmed, held)


def take_back_of(host: str, modem: str, now: datetime) -> int:
    """Claims of a modem whose worker holds none: the database went while it was taking one. Returns how many."""
    forgotten = _of_host(host).where(Attempt.modem == modem)
    if not forgotten.exists():
        return 0
    with writing():
        return sum(_take_back(forgotten, now))


def take_back_expired(now: datetime, host: str | None = None) -> int:
    """Take back the claims whose lease ended; seen from `host`, also those of another host without a sign of life for a
    minute. Should it live, it begins nothing that was taken back. Returns how many."""
    alive = [] if host is None else [host, *signs_of_life(now, _GONE)]
    if not _ANY_EXPIRED.first(now=now, alive=alive):
        return 0
    with writing("housekeeping"):
        return sum(_take_back(_OPEN_ATTEMPTS.where(_is_expired(now, alive)), now))


def take_back_all(now: datetime) -> int:
    """Every open claim of every host, inside the caller's transaction: in a copy that was put back none is true."""
    return sum(_take_back(_OPEN_ATTEMPTS, now))


def handed_over_lately(imsi: str, now: datetime, within: timedelta) -> list[datetime]:
    """Times at which this SIM handed over what ended within that time of `now`, oldest first; none of the future."""
    since, until = now - within, now + within
    lately = (Attempt.ended_at > since) & (Attempt.pdu_started_at > since) & (Attempt.pdu_started_at < until)
    query = Attempt.select(Attempt.pdu_started_at).where(Attempt.imsi == imsi, lately)
    return [at for (at,) in tuples(query.order_by(Attempt.pdu_started_at))]


def _of_host(host: str) -> Any:
    return _OPEN_ATTEMPTS.where(Attempt.host == host)


def _take_back(attempts: Any, now: datetime) -> tuple[int, int]:
    """Put parts without PDU_STARTED back into the queue; mark those that may have been sent as unconfirmed."""
    requeued = unconfirmed = 0
    for attempt in list(attempts.order_by(Attempt.id)):
        is_begun = attempt.pdu_started_at is not None
        ended = Attempt.update(outcome="unconfirmed" if is_begun else "released", ended_at=now, reason="restart")
        as_read = (Attempt.id == attempt.id) & Attempt.pdu_started_at.is_null(not is_begun)
        if not ended.where(as_read, Attempt.outcome == "open").execute():
            continue  # its worker lives after all, or another host was first
        this_part = Part.id == attempt.part_id
        message = Message.select(Message.id, Message.msisdn).join(Part).where(this_part).get()
        if is_begun:
            count_sent(attempt.imsi, message.msisdn, now)
            unconfirmed += move_parts(this_part, PartState.UNCONFIRMED, Cause.RECOVERY, now, reason="restart")
        else:
            requeued += move_parts(this_part, PartState.QUEUED, Cause.RECOVERY, now)
            apply_return(message.id, attempt.part_id, now)
    return requeued, unconfirmed


def move_parts(which: Any, to: PartState, cause: Cause, now: datetime, **values: object) -> int:
    """Bring the parts that the condition finds into a state, where theirs allows it; how many. In a transaction."""
    moved = Part.update(state=to, changed_at=now, **values)
    return int(moved.where(locked_by_id(Part, which & Part.state.in_(sources(to, cause)))).execute())


def moving(which: Any, to: PartState, cause: Cause, **values: object) -> Prepared:
    """`move_parts` as a prepared query that is given `now`."""
    moved = Part.update(state=to, changed_at=given("now"), **values)
    return Prepared(moved.where(which, Part.state.in_(sources(to, cause))))


def _hold_stale(now: datetime, stale_after: timedelta | None) -> int:
    """Urgent work that an outage made old: 100 alerts about last night's burglary help nobody. A person decides."""
    waits = Broadcast.stage.in_([Stage.QUEUED, Stage.SCHEDULED])
    stale = Broadcast.select().where(waits, Broadcast.lane == LANE_URGENT)
    if stale_after is not None:
        since = Broadcast.created_at.db_value(now - stale_after)
        stale = stale.where(fn.COALESCE(Broadcast.release_at, Broadcast.created_at) < since)
    waiting = Part.select().where(Part.broadcast == Broadcast.id, Part.state == PartState.QUEUED)
    held = list(stale.where(fn.EXISTS(waiting)))
    for broadcast in held:
        Broadcast.update(stage=Stage.HELD).where(Broadcast.id == broadcast.id).execute()
        audit.record(now, "plp", "broadcast_held", str(broadcast.id))
    return len(held)


def apply_return(message_id: int, part_id: int, now: datetime) -> None:
    """A part came back (caller's transaction): free its message for another SIM, or cancel it with its broadcast."""
    others = Part.select().where(Part.message == message_id, Part.state != PartState.QUEUED)
    if not others.exists():
        # A self-test or a proof stays with the SIM that it tests.
        tests = Broadcast.select(Broadcast.id).where(Broadcast.kind.in_(OF_ONE_SIM))
        Message.update(imsi=None, modem=None).where(Message.id == message_id, Message.broadcast.not_in(tests)).execute()
    # In a cancelled broadcast it would wait for ever. A cancel that is not committed yet holds the row: it is awaited.
    own = Part.select(Part.broadcast).where(Part.id == part_id)
    list(locked(Broadcast.select(Broadcast.id).where(Broadcast.id.in_(own)), "FOR SHARE"))
    stopped = Broadcast.select(Broadcast.id).where(Broadcast.stage == Stage.CANCELLED)
    returned = (Part.id == part_id) & Part.broadcast.in_(stopped)
    move_parts(returned, PartState.CANCELLED, Cause.POLICY, now, reason="stopped")


# Asked twice a second for ever, nearly always in vain: their making was half of what an idle daemon cost.
_ANY_DUE = Prepared(lambda: Broadcast.select(SQL("1")).where(_due(given("now"))).limit(1))
# Without a look at the parts: PostgreSQL reads all of them from the first to find that none is late.
_ANY_LATE = Prepared(lambda: Broadcast.select(SQL("1")).where(_is_late(given("now"))).limit(1))
_ANY_CUT_SHORT = Prepared(lambda: Broadcast.select(SQL("1")).where(_cut_short(given("since"))).limit(1))
_ANY_EXPIRED = Prepared(
    lambda alive: Attempt.select(SQL("1")).where(Attempt.outcome == "open", _is_expired(given("now"), alive)).limit(1)
)
_ANY_DONE = Prepared(lambda: Broadcast.select(SQL("1")).where(_done()).limit(1))


def release_due(now: datetime) -> int:
    """Queue scheduled broadcasts whose undo seconds are over. Returns how many."""
    if not _ANY_DUE.first(now=now):
        return 0
    with writing("housekeeping"):
        return int(Broadcast.update(stage=Stage.QUEUED).where(_due(now)).execute())


def expire_due(now: datetime) -> int:
    """Expire queued parts whose deadline has passed. Returns how many."""
    if not _ANY_LATE.first(now=now):
        return 0

    def expire(ids: list[int]) -> int:
        take_turn("housekeeping")
        late = Part.update(**ends_as(PartState.EXPIRED, "deadline"), changed_at=now)
        return int(late.where(locked_by_id(Part, Part.id.in_(ids) & _late(now))).execute())

    return change_in_chunks(Part.select(Part.id).where(_late(now)), expire)


def delete_cut_short(now: datetime) -> int:
    """Delete broadcasts that a crash left preparing; they were never visible. Returns how many."""
    since = now - PREPARING_AT_MOST
    if not _ANY_CUT_SHORT.first(since=since):
        return 0
    return delete_preparing(_cut_short(since))


def delete_preparing(condition: Any) -> int:
    """Delete broadcasts that are not visible yet, with up to 100,000 messages. Call it outside transactions."""
    preparing = condition & (Broadcast.stage == Stage.PREPARING)
    with writing("housekeeping"):
        # Whoever still writes one finds at the end that its mark is gone, and does not show it without these people.
        Broadcast.update(fingerprint="", idempotency_key=None).where(preparing).execute()
    going = Broadcast.select(Broadcast.id).where(preparing, Broadcast.fingerprint == "")
    delete_in_chunks(Message, Message.broadcast.in_(going))
    with writing():
        return int(Broadcast.delete().where(preparing, Broadcast.fingerprint == "").execute())


def close_done() -> int:
    """Finish broadcasts without open parts, so that claims skip them; their state is derived from the parts."""
    if not _ANY_DONE.first():
        return 0
    with writing("housekeeping"):
        # Looked at once more when nobody can change them: a resend that was not committed may have put parts back.
        held = [row.id for row in locked(Broadcast.select(Broadcast.id).where(_done()).order_by(Broadcast.id))]
        return int(Broadcast.update(stage=Stage.FINISHED).where(Broadcast.id.in_(held or [0]), _done()).execute())


def _is_expired(now: Any, alive: list[Any]) -> Any:
    """Its lease is over, or its host is none of those that are `alive`, where any is known."""
    over = Attempt.lease_until <= now
    return over | Attempt.host.not_in(alive) if alive else over


def _due(now: Any) -> Any:
    return (Broadcast.stage == Stage.SCHEDULED) & (Broadcast.release_at <= now)


def _is_late(now: Any) -> Any:
    return _IS_OPEN & (Broadcast.deadline_at <= now)


def _late(now: Any) -> Any:
    late = Broadcast.select(Broadcast.id).where(_is_late(now))
    return Part.broadcast.in_(late) & Part.state.in_(sources(PartState.EXPIRED, Cause.POLICY))


def _cut_short(since: Any) -> Any:
    return (Broadcast.stage == Stage.PREPARING) & (Broadcast.created_at < since)


def _done() -> Any:
    left = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_([PartState.QUEUED, PartState.SENDING]))
    return _IS_OPEN & ~fn.EXISTS(left)


def locked_message(message_id: int) -> tuple[Message, dict[int, PartState]] | None:
    """The message and its parts, by id, locked until the caller's transaction ends; None for an unknown number."""
    row = Message.get_or_none(Message.id == message_id)
    if row is None:
        return None
    # Lock the broadcast first, like those who stop it or send it again. A modem that is taking a part has that part
    # locked: we wait, and then see that it is under way.
    broadcast = locked(Broadcast.select().where(Broadcast.id == row.broadcast_id), "FOR SHARE").first()
    parts = {part.id: part.state for part in locked(Part.select().where(Part.message == message_id).order_by(Part.id))}
    if broadcast is None or not parts:
        return None
    row.broadcast = broadcast
    return row, parts


def mark_stopped(part_ids: Iterable[int], now: datetime) -> int:
    """Cancel those of these parts that wait, inside the caller's transaction; returns how many."""
    return move_parts(Part.id.in_(list(part_ids)), PartState.CANCELLED, Cause.PERSON, now, reason="stopped")


def bind_message(message_id: int, imsi: str | None, seat: str | None) -> None:
    """Let only this SIM in this modem (host/name) take it, or any for None; inside the caller's transaction."""
    Message.update(imsi=imsi, modem=seat).where(Message.id == message_id).execute()


def free_stranded(now: datetime) -> int:
    """Let any modem take what a person handed to one that cannot send now. Returns how many messages."""
    seats = Modem.select(Modem.host.concat("/").concat(Modem.name))
    ready = seats.where(Modem.host.in_(live_hosts(now) or [""]), Modem.state == "ready")
    moved = Part.alias("moved")
    handed = (
        Part.select(Part.message)
        .join(Message)
        .join(Broadcast)
        .where(Part.state == QUEUED, Message.imsi.is_null(False), Message.modem.not_in(ready))
        .where(Broadcast.kind.not_in(OF_ONE_SIM))
        .where(~fn.EXISTS(moved.select(SQL("1")).where(moved.message == Message.id, moved.state != PartState.QUEUED)))
        .distinct()
    )
    freed = 0
    for (message_id,) in tuples(handed):
        with writing():
            parts = locked(Part.select().where(Part.message == message_id).order_by(Part.id))
            if all(part.state is PartState.QUEUED for part in parts):
                bind_message(message_id, None, None)
                freed += 1
    return freed
