"""The place of backups, a folder on a separate disk; and the backups that it holds."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from db.engine.files import replacing, state_folder
from db.journal import audit
from db.operations.runs import trials
from plp.settings.values import Settings
from rules.calendar import LOCAL
from rules.sentences import CodedRefusal

DAYS, WEEKS = 7, 4
_NAME = re.compile(r"plp-(?P<host>[\w.-]+)-(?P<day>\d{4}-\d\d-\d\d)-\d{6}\.age")


@contextmanager
def reaching(path: Path) -> Iterator[None]:
    """Raises CodedRefusal for the system's errors about `path`."""
    try:
        yield
    except OSError as error:
        raise CodedRefusal("backup_unwritable", path=path, why=error.strerror or error) from None


def place_of(settings: Settings) -> Path:
    """The place that config.ini names. Raises CodedRefusal when it names none, or when its disk is missing."""
    backup = settings.backup
    if not backup.to or not backup.recipient:
        raise CodedRefusal("backup_not_configured")
    return folder_at(settings.folder / backup.to, state_folder(settings), backup.same_disk)


def folder_at(path: Path, data: Path, same_disk: bool) -> Path:
    """The folder, made where it is missing. Raises CodedRefusal, unless `same_disk`, where it is on no other disk than
    `data`: a stick not plugged in is never mistaken for the folder under its mount point.
    """
    with reaching(path):
        mount = next(folder for folder in (path, *path.parents) if os.path.ismount(folder))
        if not same_disk and (mount == Path(mount.anchor) or mount.stat().st_dev == data.stat().st_dev):
            raise CodedRefusal("backup_not_mounted", path=path)
        path.mkdir(parents=True, exist_ok=True)
    return path


def store(file: Path, to: Path) -> None:
    """Copy a file to `to`, whole or not at all. Raises CodedRefusal."""
    with reaching(to.parent), file.open("rb") as source, replacing(to) as out:
        shutil.copyfileobj(source, out)


def files_in(place: Path) -> list[str]:
    """Names of the files there. Raises CodedRefusal."""
    with reaching(place):
        return sorted(os.listdir(place))


def backup_name(host: str, now: datetime) -> str:
    """The name of the backup that this host makes now."""
    return f"plp-{host}-{now.astimezone(LOCAL):%Y-%m-%d-%H%M%S}.age"


def backups_in(names: Iterable[str], host: str) -> list[str]:
    """Those of these names that are a backup of this host, the newest first."""
    return sorted((name for name, match in _read(names) if match["host"] == host), reverse=True)


def overdue(backups: Sequence[str]) -> list[str]:
    """Those of these, newest first, that need not be kept: not the last of one of 7 days, nor of one of 4 weeks."""
    newest: dict[date, str] = {}
    for name, match in _read(backups):
        newest.setdefault(date.fromisoformat(match["day"]), name)
    kept = list(newest)[:DAYS]
    mondays: dict[date, date] = {}
    for day in newest:
        mondays.setdefault(day - timedelta(days=day.weekday()), day)
    kept += list(mondays.values())[:WEEKS]
    return [name for name in backups if name not in {newest[day] for day in kept}]


def lapsed(names: Sequence[str], host: str) -> list[str]:
    """Copies of a machine of another name, older than all that `host` keeps, so that erased people leave them too."""
    own = [date.fromisoformat(match["day"]) for _name, match in _read(backups_in(names, host))]
    if not own:
        return []
    before = min(own[-1], own[0] - timedelta(weeks=WEEKS + 1))
    return [name for name, match in _read(names) if match["host"] != host and date.fromisoformat(match["day"]) < before]


def _read(names: Iterable[str]) -> Iterator[tuple[str, re.Match[str]]]:
    return ((name, match) for name in names if (match := _NAME.fullmatch(name)))


@dataclass(frozen=True, slots=True)
class BackupCard:
    """One backup. `tried_at`: a trial restored it. `left_out`: names of files not in it."""

    name: str
    made_at: datetime
    size_bytes: int
    left_out: str
    tried_at: datetime | None


def kept_backups(settings: Settings, now: datetime) -> list[BackupCard]:
    """This host's backups that should exist, newest first, by the journal: no stick is read for a page."""
    made = {entry.subject: entry for entry in audit.since(now - timedelta(weeks=WEEKS + 2), ("backup_made",))}
    names = backups_in(made, settings.host)
    gone = set(overdue(names))
    tried = trials(settings)
    return [
        BackupCard(
            name, made[name].at, int(str(made[name].detail["bytes"])), str(made[name].detail["left_out"]),
            tried.get(name),
        )
        for name in names if name not in gone
    ]  # fmt: skip
