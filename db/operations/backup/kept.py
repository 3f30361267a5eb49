"""Backups that are kept, as the journal tells of them: nobody asks a stick or another machine for a page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.engine.base import put
from db.engine.connection import writing
from db.journal import audit
from db.models.incidents import JobRun
from db.operations.backup.places import WEEKS, backups_in, overdue
from db.operations.runs import drill_run
from db.settings.values import Settings

HELD, FAILED = "held", "failed"


@dataclass(frozen=True, slots=True)
class BackupCard:
    """One backup. `trial`: "" for none, waiting, held or failed, `tried_at`. `left_out`: names of files not in it."""

    name: str
    made_at: datetime
    size_bytes: int
    left_out: str
    trial: str
    tried_at: datetime | None


def kept_backups(settings: Settings, now: datetime) -> list[BackupCard]:
    """Those of this host that were made and need not have gone, the newest first."""
    made = {entry.subject: entry for entry in audit.since(now - timedelta(weeks=WEEKS + 2), ("backup_made",))}
    names = backups_in(made, settings.host)
    gone = set(overdue(names))
    tried = _trials(settings)
    return [
        BackupCard(
            name, made[name].at, int(str(made[name].detail["bytes"])), str(made[name].detail["left_out"]),
            *tried.get(name, ("", None)),
        )
        for name in names if name not in gone
    ]  # fmt: skip


def ask_trial(settings: Settings, name: str, by: str, now: datetime) -> None:
    """Let the jobs restore it into a database of its own; again, where that was done before."""
    with writing():
        asked: dict[str, object] = {"name": trial_run(settings), "slot": name}
        put(JobRun, asked, host=settings.host, started_at=now, ended_at=None, outcome="")
        audit.record(now, by, "backup_trial_asked", name)


def asked_trial(settings: Settings) -> str | None:
    """The backup that somebody asked to try; None when there is none."""
    row = JobRun.select().where(JobRun.name == trial_run(settings), JobRun.ended_at.is_null()).first()
    return row.slot if row is not None else None


def trial_run(settings: Settings) -> str:
    """The name of trials that somebody asked for among the runs; the slot of one is its backup's name."""
    return f"backup_trial/{settings.host}"


def _trials(settings: Settings) -> dict[str, tuple[str, datetime]]:
    """By backup the newest trial, of each month or asked for."""
    rows = JobRun.select().where(JobRun.name.in_([drill_run(settings), trial_run(settings)]))
    found: dict[str, tuple[str, datetime]] = {}
    for row in rows.order_by(JobRun.started_at):
        if row.name == trial_run(settings):
            found[row.slot] = (row.outcome or "waiting", row.ended_at or row.started_at)
        elif row.ended_at is not None:
            found[row.outcome] = (HELD, row.ended_at)
    return found
