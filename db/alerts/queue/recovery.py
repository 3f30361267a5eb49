"""Recovery after a crash or restart: parts go back to the queue or become unconfirmed; stale urgent ones are held; and
the outcome of a message of which a part is returned.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db.engine.base import tuples
from db.engine.connection import locked, take_turn, writing
from db.journal import audit
from db.models.broadcasts import Attempt, Broadcast, Message, Part
from db.modems.budgets.limits import count_sent
from db.modems.readiness import live_hosts, signs_of_life
from rules.states import LANE_URGENT, OF_ONE_SIM, Cause, PartState, Stage, sources

# A daemon beats every three seconds.
_GONE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Result of a recovery: numbers of parts back in the queue, parts now unconfirmed, broadcasts held."""

    requeued: int
    unconfirmed: int
    held: int


def recover(now: datetime, stale_after: timedelta | None, host: str | None = None) -> Recovered:
    """Take over what the previous daemon left. `host` is None if one daemon uses the whole database, also under an
    earlier name; else leases end the claims of others, and nothing is stale while another daemon runs. `stale_after`
    None: all urgent work is stale, as the length of the outage is unknown.
    """
    dead = _open_attempts() if host is None else _open_attempts().where(Attempt.host == host)
    alone = host is None or not set(live_hosts(now)) - {host}
    with writing():
        requeued, unconfirmed = _take_back(dead, now)
        held = _hold_stale(now, stale_after) if alone else 0
    return Recovered(requeued, unconfirmed, held)


def take_back_of(host: str, modem: str, now: datetime) -> int:
    """Claims of a modem whose worker holds none: the database went while it was taking one. Returns how many."""
    forgotten = _open_attempts().where(Attempt.host == host, Attempt.modem == modem)
    if not forgotten.exists():
        return 0
    with writing():
        return sum(_take_back(forgotten, now))


def take_back_expired(now: datetime, host: str | None = None) -> int:
    """Take back the claims whose lease ended, by the same two rules; seen from `host`, also those of another one whose
    daemon gave no sign of life for a minute. Perhaps it lives, and has lost the database: then it begins nothing that
    was taken back, and what it had begun is settled by its result, which may come later. Returns how many.
    """
    over = Attempt.lease_until <= now
    if host is not None:
        over |= Attempt.host.not_in([host, *signs_of_life(now, _GONE)])
    expired = _open_attempts().where(over)
    if not expired.exists():
        return 0
    with writing():
        take_turn("housekeeping")
        return sum(_take_back(expired, now))


def take_back_all(now: datetime) -> int:
    """Every open claim of every host, inside the caller's transaction: in a copy that was put back none is true."""
    return sum(_take_back(_open_attempts(), now))


def handed_over_lately(imsi: str, now: datetime, within: timedelta) -> list[datetime]:
    """Times at which this SIM handed over the parts that ended within that time of `now`, oldest first.

    A clock that starts at an old time has months of parts in its future: those are not of this hour.
    """
    since, until = now - within, now + within
    query = Attempt.select(Attempt.pdu_started_at).where(
        Attempt.imsi == imsi, Attempt.ended_at > since, Attempt.pdu_started_at > since, Attempt.pdu_started_at < until
    )
    return [at for (at,) in tuples(query.order_by(Attempt.pdu_started_at))]


def _open_attempts() -> Any:
    return Attempt.select().where(Attempt.outcome == "open")


def _take_back(attempts: Any, now: datetime) -> tuple[int, int]:
    """Put parts without PDU_STARTED back into the queue; mark those that may have been sent as unconfirmed."""
    requeued = unconfirmed = 0
    for attempt in list(attempts.order_by(Attempt.id)):
        if attempt.pdu_started_at is None:
            requeued += _back_to_queue(attempt, now)
        else:
            unconfirmed += _to_unconfirmed(attempt, now)
    return requeued, unconfirmed


def _back_to_queue(attempt: Attempt, now: datetime) -> int:
    released = Attempt.update(outcome="released", ended_at=now, reason="restart")
    if not released.where(_untouched(attempt), Attempt.pdu_started_at.is_null()).execute():
        return 0  # its worker lives after all, or another host was first
    moved = Part.update(state=PartState.QUEUED, changed_at=now).where(
        Part.id == attempt.part_id, Part.state.in_(sources(PartState.QUEUED, Cause.RECOVERY))
    )
    count = int(moved.execute())
    apply_return(Part.get_by_id(attempt.part_id).message_id, attempt.part_id, now)
    return count


def _to_unconfirmed(attempt: Attempt, now: datetime) -> int:
    unclear = Attempt.update(outcome="unconfirmed", ended_at=now, reason="restart")
    if not unclear.where(_untouched(attempt)).execute():
        return 0
    moved = Part.update(state=PartState.UNCONFIRMED, changed_at=now, reason="restart").where(
        Part.id == attempt.part_id, Part.state.in_(sources(PartState.UNCONFIRMED, Cause.RECOVERY))
    )
    to = Message.select(Message.msisdn).join(Part).where(Part.id == attempt.part_id)
    count_sent(attempt.imsi, to.get().msisdn, now)
    return int(moved.execute())


def _untouched(attempt: Attempt) -> Any:
    return (Attempt.id == attempt.id) & (Attempt.outcome == "open")


def _hold_stale(now: datetime, stale_after: timedelta | None) -> int:
    """Urgent work that an outage made old: 100 alerts about last night's burglary help nobody. A person decides."""
    stale = Broadcast.select().where(
        Broadcast.stage.in_([Stage.QUEUED, Stage.SCHEDULED]), Broadcast.lane == LANE_URGENT
    )
    if stale_after is not None:
        since = Broadcast.created_at.db_value(now - stale_after)
        stale = stale.where(fn.COALESCE(Broadcast.release_at, Broadcast.created_at) < since)
    held = 0
    for broadcast in stale:
        waiting = Part.select().where(Part.broadcast == broadcast.id, Part.state == PartState.QUEUED)
        if waiting.exists():
            Broadcast.update(stage=Stage.HELD).where(Broadcast.id == broadcast.id).execute()
            audit.record(now, "plp", "broadcast_held", str(broadcast.id))
            held += 1
    return held


def apply_return(message_id: int, part_id: int, now: datetime) -> None:
    """A part came back (caller's transaction): free its message for another SIM, or cancel it with its broadcast."""
    others = Part.select().where(Part.message == message_id, Part.state != PartState.QUEUED)
    if not others.exists():
        # A self-test or a proof stays with the SIM that it tests.
        tests = Broadcast.select(Broadcast.id).where(Broadcast.kind.in_(OF_ONE_SIM))
        Message.update(imsi=None, modem=None).where(Message.id == message_id, Message.broadcast.not_in(tests)).execute()
    cancel_when_stopped(part_id, now)


def cancel_when_stopped(part_id: int, now: datetime) -> None:
    """Cancel a part that a modem returned to a cancelled broadcast, where it would wait forever. In a transaction."""
    # A cancel that is not committed yet holds the row: wait for it, and see it.
    own = Part.select(Part.broadcast).where(Part.id == part_id)
    list(locked(Broadcast.select(Broadcast.id).where(Broadcast.id.in_(own)), "FOR SHARE"))
    stopped = Broadcast.select(Broadcast.id).where(Broadcast.stage == Stage.CANCELLED)
    Part.update(state=PartState.CANCELLED, changed_at=now, reason="stopped").where(
        Part.id == part_id,
        Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY)),
        Part.broadcast.in_(stopped),
    ).execute()
