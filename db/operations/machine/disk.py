"""The disk with this machine's data: its use, measured once a day, and when it will be full at that rate."""

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

from db.engine.base import database
from db.engine.connection import is_postgres_database, writing
from db.engine.files import state_folder
from db.models.bulletins import BulletinEnclosure
from db.models.incidents import DiskDay
from plp.settings.values import Settings
from rules.calendar import day_of, local_date
from rules.sentences import Sentence, coded

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
        """True when people must make room in the coming weeks."""
        return self.days is not None and self.days < SOON_DAYS


@dataclass(frozen=True, slots=True)
class DiskCard:
    """The disk of a host. `taken`: bytes by what takes them (labels.toml, table disk), the largest first."""

    host: str
    measured_at: datetime
    total_bytes: int
    free_bytes: int
    taken: tuple[tuple[str, int], ...]
    forecast: Forecast


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


def disk_cards(now: datetime) -> list[DiskCard]:
    """Each host's disk as last measured, by name, without hosts that were not measured for a month."""
    newest = DiskDay.select(fn.MAX(DiskDay.id)).where(DiskDay.day > _day_before(now)).group_by(DiskDay.host)
    rows = DiskDay.select().where(DiskDay.id.in_(newest)).order_by(DiskDay.host)
    return [
        DiskCard(
            row.host, row.measured_at, row.total_bytes, row.free_bytes,
            tuple(sorted(json.loads(row.taken).items(), key=lambda one: -one[1])), forecast(row.host, now),
        )
        for row in rows
    ]  # fmt: skip


def forecast(host: str, now: datetime) -> Forecast:
    """The day on which this host's disk will be full at the rate of the last 30 days."""
    rows = DiskDay.select().where(DiskDay.host == host, DiskDay.day > _day_before(now)).order_by(DiskDay.day)
    return full_after([(date.fromisoformat(row.day), row.free_bytes) for row in rows], local_date(now))


def full_after(free: Sequence[tuple[date, int]], today: date) -> Forecast:
    """The forecast from free bytes by day, oldest first.

    The rate is the median of the slopes between all pairs of days (Theil-Sen): a large file that came and went does
    not count.
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
    """The use of a file of the data's folder."""
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
