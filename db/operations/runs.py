"""Daily runs, each done once on all hosts; trials of backups, and the alerts that ask for a backup."""

from datetime import datetime, time, timedelta
from typing import Literal

from base.settings.values import Settings
from db.engine.base import put
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.models.broadcasts import Broadcast
from db.models.incidents import JobRun
from rules.calendar import LOCAL
from rules.states import LANE_URGENT, Stage

# A run that did not end by now was cut short; somebody else may take it up.
CUT_SHORT = timedelta(minutes=30)
# Outcomes of a trial.
HELD, FAILED = "held", "failed"
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
    this = (JobRun.name == name) & (JobRun.slot == slot)
    cut_short = JobRun.ended_at.is_null() & (JobRun.started_at < now - CUT_SHORT)
    if JobRun.select().where(this, ~cut_short).exists():
        return False
    with writing("runs"):
        again = JobRun.update(host=host, started_at=now).where(this, cut_short)
        first = JobRun.insert(name=name, slot=slot, host=host, started_at=now).on_conflict_ignore()
        return bool(again.execute() or first.as_rowcount().execute())


def mark_run_done(name: str, slot: str, outcome: str, now: datetime) -> None:
    """Mark a run as ended well; `outcome` is shown on a page."""
    with writing():
        JobRun.update(ended_at=now, outcome=outcome).where(JobRun.name == name, JobRun.slot == slot).execute()


def mark_run_failed(name: str, slot: str, why: str) -> None:
    """Note why a claimed run did not end well; as `Sentence.stored`. It is taken up again as one that was cut short."""
    with writing():
        this = JobRun.name == name, JobRun.slot == slot, JobRun.ended_at.is_null()
        JobRun.update(outcome=why).where(*this).execute()


def last_failure(name: str) -> str:
    """Reason why the newest run did not end well; empty where it did, or is under way."""
    row = JobRun.select().where(JobRun.name == name).order_by(JobRun.started_at.desc(), JobRun.id.desc()).first()
    return "" if row is None or row.ended_at is not None else str(row.outcome)


def is_run_done(name: str, slot: str) -> bool:
    """True when this slot's run ended well."""
    return JobRun.select().where(JobRun.name == name, JobRun.slot == slot, JobRun.ended_at.is_null(False)).exists()


def last_run(name: str) -> JobRun | None:
    """The newest run that ended well."""
    return _LAST.result(name=name)


def run_of(what: Literal["backup", "backup_drill", "backup_trial", "plan_b"], settings: Settings) -> str:
    """The name of this machine's runs of that kind. The outcome of a backup and of plan B is its file's name; the slot
    of a trial is its backup's, that of a drill a month."""
    return f"{what}/{settings.host}"


def enqueue_trial(settings: Settings, name: str, now: datetime) -> None:
    """Let the jobs try it; again, where that was done before."""
    run: dict[str, object] = {"name": run_of("backup_trial", settings), "slot": name}
    put(JobRun, run, host=settings.host, started_at=now, ended_at=None, outcome="")


def requested_trial(settings: Settings) -> str | None:
    """The backup of which a trial was requested; None for none."""
    waiting = (JobRun.name == run_of("backup_trial", settings)) & JobRun.ended_at.is_null()
    return JobRun.select(JobRun.slot).where(waiting).limit(1).scalar() or None


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
    """Changes with every alert, correction or end that is ordered from then on, or is over; empty for none."""
    urgent = Broadcast.select().where(Broadcast.lane == LANE_URGENT, Broadcast.created_at >= since)
    stages = [row.stage for row in urgent if row.stage is not Stage.PREPARING]
    over = sum(stage in (Stage.FINISHED, Stage.CANCELLED) for stage in stages)
    return f"alerts since {since:%Y-%m-%d}: {len(stages)}, over: {over}" if stages else ""
