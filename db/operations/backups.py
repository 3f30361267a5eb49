"""Trials of backups, requested or of a month, and the alerts after which one is made."""

from datetime import datetime

from db.engine.base import put
from db.models.broadcasts import Broadcast
from db.models.incidents import JobRun
from db.operations.runs import run_of
from plp.settings.values import Settings
from rules.states import LANE_URGENT, Stage

HELD, FAILED = "held", "failed"


def enqueue_trial(settings: Settings, name: str, now: datetime) -> None:
    """Let the jobs try it; again, where that was done before."""
    run: dict[str, object] = {"name": run_of("backup_trial", settings), "slot": name}
    put(JobRun, run, host=settings.host, started_at=now, ended_at=None, outcome="")


def requested_trial(settings: Settings) -> str | None:
    """The backup that somebody asked to test; None if there is none."""
    row = JobRun.select().where(JobRun.name == run_of("backup_trial", settings), JobRun.ended_at.is_null()).first()
    return row.slot if row is not None else None


def trials(settings: Settings) -> dict[str, tuple[str, datetime]]:
    """By backup the newest trial, of a month or requested."""
    rows = JobRun.select().where(JobRun.name.in_([run_of("backup_drill", settings), run_of("backup_trial", settings)]))
    newest: dict[str, tuple[str, datetime]] = {}
    for row in rows.order_by(JobRun.started_at):
        if row.name == run_of("backup_trial", settings):
            newest[row.slot] = (row.outcome or "waiting", row.ended_at or row.started_at)
        elif row.ended_at is not None:
            newest[row.outcome] = (HELD, row.ended_at)
    return newest


def urgent_moment(since: datetime) -> str:
    """Changes with every alert, correction or end that is ordered from then on, and with every one that is over;
    empty for none.
    """
    urgent = Broadcast.select().where(Broadcast.lane == LANE_URGENT, Broadcast.created_at >= since)
    stages = [row.stage for row in urgent if row.stage is not Stage.PREPARING]
    over = sum(stage in (Stage.FINISHED, Stage.CANCELLED) for stage in stages)
    return f"alerts since {since:%Y-%m-%d}: {len(stages)}, over: {over}" if stages else ""
