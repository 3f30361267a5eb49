"""Daily runs: done once per day, whatever the number of hosts and restarts, by means of a row in one table."""

from datetime import datetime, time, timedelta
from typing import Any, Literal

from db.engine.cached_queries import Prepared, given
from db.engine.connection import take_turn, writing
from db.models.incidents import JobRun
from plp.settings.values import Settings
from rules.calendar import LOCAL

# A run that did not end by now was cut short; somebody else may take it up.
CUT_SHORT = timedelta(minutes=30)
_LAST = Prepared(
    JobRun.select()
    .where(JobRun.name == given("name"), JobRun.ended_at.is_null(False))
    .order_by(JobRun.ended_at.desc(), JobRun.id.desc())
    .limit(1)
)


def due_slot(at: time, now: datetime) -> str | None:
    """The local date when the wall clock in Belgium (summer time drops or doubles no day) shows `at`; None before."""
    local = now.astimezone(LOCAL)
    return local.date().isoformat() if local.time() >= at else None


def claim_due(name: str, at: time, host: str, now: datetime) -> str | None:
    """Claim today's run once the wall clock in Belgium shows `at`; its slot, None as long as nothing is to be done."""
    slot = due_slot(at, now)
    return slot if slot is not None and claim_run(name, slot, host, now) else None


def claim_run(name: str, slot: str, host: str, now: datetime) -> bool:
    """Claim the run of this slot; False when it is done, or another process is doing it."""
    run = JobRun.get_or_none(JobRun.name == name, JobRun.slot == slot)
    if run is not None and not _is_cut_short(run, now):
        return False
    with writing():
        take_turn("runs")
        run = JobRun.get_or_none(JobRun.name == name, JobRun.slot == slot)
        if run is None:
            JobRun.create(name=name, slot=slot, host=host, started_at=now)
            return True
        if not _is_cut_short(run, now):
            return False
        JobRun.update(host=host, started_at=now).where(JobRun.id == run.id).execute()
        return True


def mark_run_done(name: str, slot: str, outcome: str, now: datetime) -> None:
    """Mark a run as ended well; `outcome` is shown on a page."""
    with writing():
        done: Any = JobRun.update(ended_at=now, outcome=outcome).where(JobRun.name == name, JobRun.slot == slot)
        done.execute()


def mark_run_failed(name: str, slot: str, why: str) -> None:
    """Note why a claimed run did not end well; as `Sentence.stored`. It is taken up again as one that was cut short."""
    with writing():
        failed = JobRun.update(outcome=why).where(JobRun.name == name, JobRun.slot == slot, JobRun.ended_at.is_null())
        failed.execute()


def last_failure(name: str) -> str:
    """Reason why the newest run did not end well; empty where it did, or is under way."""
    row = JobRun.select().where(JobRun.name == name).order_by(JobRun.started_at.desc(), JobRun.id.desc()).first()
    return "" if row is None or row.ended_at is not None else str(row.outcome)


def is_run_done(name: str, slot: str) -> bool:
    """True when this slot's run ended well."""
    return JobRun.select().where(JobRun.name == name, JobRun.slot == slot, JobRun.ended_at.is_null(False)).exists()


def last_run(name: str) -> JobRun | None:
    """The newest run that ended well."""
    return next(iter(_LAST.results(name=name)), None)


def run_of(what: Literal["backup", "backup_drill", "backup_trial", "plan_b"], settings: Settings) -> str:
    """The name of this machine's runs of that kind. The outcome of a backup and of plan B is its file's name; the slot
    of a `backup_trial`, which somebody requested, is its backup's name, while that of a `backup_drill` is a month.
    """
    return f"{what}/{settings.host}"


def _is_cut_short(row: JobRun, now: datetime) -> bool:
    return row.ended_at is None and row.started_at < now - CUT_SHORT
