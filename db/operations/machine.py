"""Doubt of the clock: a box without a battery starts at an old time; when it is set, times of work under way are moved
along.
"""

from datetime import datetime, timedelta

from db.engine.base import move_times
from db.engine.cached_queries import Prepared, utc_of
from db.engine.connection import writing
from db.journal import audit
from db.mail.claim import apply_mail_jump
from db.models.accounts import AccountSession
from db.models.broadcasts import Attempt, Broadcast, Part
from db.models.incidents import LatestTime
from db.models.policy import Approval
from rules.states import PartState, Stage

# Each is a write that an SD card takes.
_NOTED_EVERY = timedelta(minutes=10)
# Servers correct a clock by seconds; what is less than this harms nothing.
LEAST = timedelta(minutes=1)
_LATEST = Prepared(LatestTime.select(LatestTime.at).limit(1))
# People hear of it for so long.
TOLD_FOR = timedelta(hours=1)


def note_time(now: datetime) -> bool:
    """Store the latest time that was seen, to within ten minutes. Never true: no more is to do."""
    latest = latest_time()
    if latest is None:
        LatestTime.insert(id=1, at=now).on_conflict_ignore().execute()
    elif now - latest >= _NOTED_EVERY:
        LatestTime.update(at=now).where(LatestTime.at < now).execute()
    return False


def latest_time() -> datetime | None:
    """The latest time that the jobs saw; None in a new database."""
    row = _LATEST.first()
    return utc_of(row[0]) if row is not None else None


def behind(now: datetime) -> timedelta | None:
    """By how much, at least, the clock is behind the time that was seen already; None where it may be right."""
    latest = latest_time()
    return latest - now if latest is not None and latest - now >= LEAST else None


def set_back(now: datetime) -> None:
    """The clock was set back while the box ran: the time seen before was too late. Inside a transaction or not."""
    LatestTime.update(at=now).where(LatestTime.at > now).execute()


def apply_jump(jump: timedelta, now: datetime) -> None:
    """Move the times of work under way by `jump`: the clock was set from `now` - `jump`. Past times are kept."""
    in_time = Broadcast.deadline_at > now - jump
    waiting = (Part.state == PartState.QUEUED) & Part.not_before_at.is_null(False)
    with writing():
        held = Broadcast.stage == Stage.HELD
        move_times(Broadcast.select().where(in_time, ~held), jump, "created_at", "release_at", "deadline_at")
        # A person judges by its age whether it still goes out: the clock jumps after an outage because it stood still.
        move_times(Broadcast.select().where(in_time, held), jump, "deadline_at")
        move_times(Approval.select().where(Approval.outcome == "waiting"), jump, "asked_at", "lapses_at")
        move_times(Part.select().where(waiting), jump, "not_before_at")
        move_times(
            Attempt.select().where(Attempt.outcome == "open"), jump, "claimed_at", "pdu_started_at", "lease_until"
        )
        session = AccountSession  # the daemon's role may read no more of it
        move_times(session.select(session.id, session.started_at, session.seen_at), jump, "started_at", "seen_at")
        apply_mail_jump(jump)
        audit.record(now, "plp", "clock_jumped", seconds=round(jump.total_seconds()))


def recent_jump(now: datetime) -> timedelta | None:
    """The last step of the clock, if it was within an hour of now; else None."""
    last = audit.lately("clock_jumped", now, TOLD_FOR)
    return timedelta(seconds=float(str(last.detail["seconds"]))) if last is not None else None
