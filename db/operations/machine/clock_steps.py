"""Steps of the machine's clock (a box starts at an old time): times of work under way are moved along."""

from datetime import datetime, timedelta

from db.engine.base import move_times
from db.engine.connection import writing
from db.journal import audit
from db.mail.recovery import apply_mail_jump
from db.models.accounts import AccountSession
from db.models.broadcasts import Attempt, Broadcast, Part
from db.models.policy import Approval
from plp.rules.states import PartState, Stage

# People are told for so long after it.
TOLD_FOR = timedelta(hours=1)


def apply_jump(jump: timedelta, now: datetime) -> None:
    """Move the times of work under way by `jump`: the clock was set from `now` - `jump` to `now`. Past times stay."""
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
