"""The disk with this machine's data: its use, measured once a day, and when it will be full at that rate. Doubt of the
clock: a box without a battery starts at an old time; when it is set, times of work under way are moved along.
Decision: docs/adr/0012.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from statistics import median

from peewee import fn

from base.settings.values import Settings
from db.engine.base import database, move_times
from db.engine.cached_queries import Prepared, utc_of
from db.engine.connection import is_postgres_database, writing
from db.engine.files import state_folder
from db.journal import audit
from db.mail.claim import apply_mail_jump
from db.models.accounts import AccountSession
from db.models.broadcasts import Attempt, Broadcast, Part
from db.models.bulletins import BulletinEnclosure
from db.models.incidents import DiskDay, LatestTime
from db.models.policy import Approval
from rules.calendar import day_of, local_date
from rules.sentences import Sentence, coded
from rules.states import PartState, Stage

# The next alert to everybody, the day's log and a backup fit into this.
LEAST_FREE_BYTES = 500 * 1024 * 1024
# The rate is that of the last weeks; a week at least, so that a night's export is no trend.
RATE_DAYS, LEAST_DAYS = 30, 7
KEPT_DAYS = 400
# Beyond this nobody plans, and the disk itself may not last.
FARTHEST_DAYS = 5 * 365
# People have a month to find room, or another disk.
SOON_DAYS = 30
_BY_MONTH_DAYS = 90
_BLOCK_BYTES = 512
_LOGS = Path("/var/log")
# Both ends of the connection have one address only where the server is on this machine; a socket has none.
_POSTGRES_SIZE = """SELECT pg_database_size(current_database()),
    inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()"""
# Each is a write that an SD card takes.
_NOTED_EVERY = timedelta(minutes=10)
# Servers correct a clock by seconds; what is less than this harms nothing.
LEAST = timedelta(minutes=1)
_LATEST = Prepared(LatestTime.select(LatestTime.at).limit(1))
# People hear of it for so long.
TOLD_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """`days` until the disk is full, None for more than five years; of `known` days that were measured."""

    days: int | None
    known: int
    full_on: date | None = None

    @property
    def words(self) -> Sentence:
        """In one sentence; with the day where it is near, else with the month."""
        if self.known < LEAST_DAYS:
            return coded("disk_rate_unknown", known=self.known, least=LEAST_DAYS)
        if self.full_on is None:
            return coded("disk_rate_never")
        if (self.days or 0) < _BY_MONTH_DAYS:
            return coded("disk_rate", when=f"{self.full_on:%d/%m/%Y}")
        return coded("disk_rate_month", when=f"{self.full_on:%m/%Y}")

    @property
    def is_soon(self) -> bool:
        return self.days is not None and self.days < SOON_DAYS


def measure_disk(settings: Settings, now: datetime) -> bool:
    """Write down how full the disk is, once a day on every host; True when it was done."""
    day = day_of(now)
    if DiskDay.select().where(DiskDay.host == settings.host, DiskDay.day == day).exists():
        return False
    total, _used, free = shutil.disk_usage(state_folder(settings))
    taken = dict(_taken(settings))
    taken["rest"] = max(0, total - free - sum(taken.values()))
    with writing():
        DiskDay.insert(
            host=settings.host, day=day, measured_at=now, total_bytes=total, free_bytes=free, taken=json.dumps(taken)
        ).on_conflict_ignore().execute()
        DiskDay.delete().where(DiskDay.measured_at < now - timedelta(days=KEPT_DAYS)).execute()
    return True


def disk_cards(now: datetime) -> list[DiskDay]:
    """Each host's disk as last measured, with its forecast, by name, without hosts not measured for a month."""
    newest = DiskDay.select(fn.MAX(DiskDay.id)).where(DiskDay.day > _day_before(now)).group_by(DiskDay.host)
    rows = list(DiskDay.select().where(DiskDay.id.in_(newest)).order_by(DiskDay.host))
    for row in rows:
        row.forecast = forecast(row.host, now)
    return rows


def forecast(host: str, now: datetime) -> Forecast:
    """The day on which this host's disk will be full at the rate of the last 30 days."""
    rows = DiskDay.select().where(DiskDay.host == host, DiskDay.day > _day_before(now)).order_by(DiskDay.day)
    return full_after([(date.fromisoformat(row.day), row.free_bytes) for row in rows], local_date(now))


def full_after(free: Sequence[tuple[date, int]], today: date) -> Forecast:
    """The forecast from free bytes by day, oldest first: the rate is the median of the slopes between all pairs of days
    (Theil-Sen), so that a large file that came and went does not count.
    """
    if len(free) < LEAST_DAYS:
        return Forecast(None, len(free))
    lost = median((before - after) / (to - since).days for (since, before), (to, after) in combinations(free, 2))
    last, left = free[-1]
    days = left / lost if lost > 0 else FARTHEST_DAYS
    if days >= FARTHEST_DAYS:
        return Forecast(None, len(free))
    full_on = last + timedelta(days=int(days))
    return Forecast(max(0, (full_on - today).days), len(free), full_on)


def _day_before(now: datetime) -> str:
    return (local_date(now) - timedelta(days=RATE_DAYS)).isoformat()


def _taken(settings: Settings) -> Counter[str]:
    here = state_folder(settings)
    device = here.stat().st_dev
    taken = Counter[str]()
    for path, size in _files(here, device):
        taken[_kind(path.relative_to(here))] += size
    if is_postgres_database():
        size, is_here = database.execute_sql(_POSTGRES_SIZE).fetchone()
        taken["database"] += size if is_here else 0
    enclosures = BulletinEnclosure.select(fn.COALESCE(fn.SUM(BulletinEnclosure.size_bytes), 0)).scalar()
    taken["enclosures"] = min(int(enclosures), taken["database"])
    taken["database"] -= taken["enclosures"]
    place = settings.folder / settings.backup.to
    if settings.backup.to and not settings.backup.to.startswith("sftp://") and not place.is_relative_to(here):
        taken["backups"] += sum(size for _path, size in _files(place, device))
    taken["logs"] = sum(size for _path, size in _files(_LOGS, device))
    return +taken


def _kind(path: Path) -> str:
    name = path.parts[0]
    if ".before-restore-" in name or name.endswith("-wal.damaged"):
        return "kept"
    if name.endswith(("-wal", "-shm")):
        return "wal"
    if path.suffix == ".age":
        return "backups"
    if name == "plan-b":
        return "plan_b"
    return "database" if path.suffix == ".db" else "other"


def _files(folder: Path, device: int) -> Iterator[tuple[Path, int]]:
    """Files under a folder on this device, with their size on the disk; unreadable ones are left out."""
    for parent, folders, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            try:
                about = path.lstat()
            except OSError:
                continue  # gone meanwhile
            if about.st_dev == device:
                yield path, about.st_blocks * _BLOCK_BYTES
        folders[:] = [name for name in folders if not Path(parent, name).is_symlink()]


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
    was = now - jump
    in_time = Broadcast.deadline_at > was
    waiting = (Part.state == PartState.QUEUED) & Part.not_before_at.is_null(False)
    with writing():
        held = Broadcast.stage == Stage.HELD
        move_times(Broadcast.select().where(in_time, ~held), was, jump, "created_at", "release_at", "deadline_at")
        # A person judges by its age whether it still goes out: the clock jumps after an outage because it stood still.
        move_times(Broadcast.select().where(in_time, held), was, jump, "deadline_at")
        move_times(Approval.select().where(Approval.outcome == "waiting"), was, jump, "asked_at", "lapses_at")
        move_times(Part.select().where(waiting), was, jump, "not_before_at")
        move_times(
            Attempt.select().where(Attempt.outcome == "open"), was, jump, "claimed_at", "pdu_started_at", "lease_until"
        )
        session = AccountSession  # the daemon's role may read no more of it
        move_times(session.select(session.id, session.started_at, session.seen_at), was, jump, "started_at", "seen_at")
        apply_mail_jump(was, jump)
        audit.record(now, "plp", "clock_jumped", seconds=round(jump.total_seconds()))


def recent_jump(now: datetime) -> timedelta | None:
    """The last step of the clock, if it was within an hour of now; else None."""
    last = audit.lately("clock_jumped", now, TOLD_FOR)
    return timedelta(seconds=float(str(last.detail["seconds"]))) if last is not None else None
