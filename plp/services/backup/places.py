"""Places of backups: a folder on a separate disk, or another machine by SFTP; and the backups that they hold."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from base.settings.values import Settings
from db.engine.files import replacing, state_folder
from db.journal import audit
from db.operations.runs import trials
from rules.calendar import LOCAL
from rules.sentences import CodedRefusal

DAYS, WEEKS = 7, 4
# Of the newest day: one that is made in a panic must not take the place of the good one before it.
TODAY = 3
_NAME = re.compile(r"plp-(?P<host>[\w.-]+)-(?P<day>\d{4}-\d\d-\d\d)-\d{6}\.age")
# It keeps a folder's whole list in memory, however long the other machine makes it.
SFTP = ("prlimit", "--as=268435456", "--", "sftp")
_SFTP_S = 1800


@contextmanager
def reaching(path: Path) -> Iterator[None]:
    """Raises CodedRefusal for the system's errors about `path`."""
    try:
        yield
    except OSError as error:
        raise CodedRefusal("backup_unwritable", path=path, why=error.strerror or error) from None


def place_of(settings: Settings) -> "Place":
    """The place that config.ini names. Raises CodedRefusal when it names none, or when its disk is missing."""
    backup = settings.backup
    if not backup.to or not backup.recipient:
        raise CodedRefusal("backup_not_configured")
    if backup.to.startswith("sftp://"):
        return Sftp(backup.to, backup.key_file)
    return folder_at(settings.folder / backup.to, state_folder(settings), backup.same_disk)


def folder_at(path: Path, data: Path, same_disk: bool) -> "Folder":
    """A folder as a place. Raises CodedRefusal, unless `same_disk`, where it is on no other disk than `data`: a stick
    not plugged in is never mistaken for the folder under its mount point.
    """
    with reaching(path):
        mount = next(folder for folder in (path, *path.parents) if os.path.ismount(folder))
        if not same_disk and (mount == Path(mount.anchor) or mount.stat().st_dev == data.stat().st_dev):
            raise CodedRefusal("backup_not_mounted", path=path)
        path.mkdir(parents=True, exist_ok=True)
    return Folder(path)


class Folder:
    """A folder of this machine. Raises CodedRefusal where it cannot be reached or written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def store(self, file: Path, name: str) -> None:
        """Put a file in it, whole or not at all; the file may be moved."""
        with reaching(self.path), file.open("rb") as source, replacing(self.path / name) as out:
            shutil.copyfileobj(source, out)

    def names(self) -> list[str]:
        with reaching(self.path):
            return sorted(os.listdir(self.path))

    def fetch(self, names: Sequence[str], to: Path) -> None:
        for name in names:
            with reaching(self.path / name):
                shutil.copyfile(self.path / name, to / name)

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            (self.path / name).unlink(missing_ok=True)


class Sftp:
    """Another machine, by the system's own `sftp` and the keys and known hosts of this user. As a `Folder`."""

    def __init__(self, url: str, key_file: Path | None) -> None:
        parts = urlsplit(url)
        self._folder = unquote(parts.path) or "."
        self._to = f"{parts.username}@{parts.hostname}" if parts.username else str(parts.hostname)
        port = ["-P", str(parts.port)] if parts.port else []
        key = ["-i", str(key_file)] if key_file else []
        self._options = ["-q", "-b", "-", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", *port, *key]

    def store(self, file: Path, name: str) -> None:
        goal = f"{self._folder}/{name}"
        self._do(f"-mkdir {_quoted(self._folder)}", f"put {_quoted(file)} {_quoted(f'{goal}.part')}",
                 f"rename {_quoted(f'{goal}.part')} {_quoted(goal)}")  # fmt: skip

    def names(self) -> list[str]:
        lines = self._do(f"-mkdir {_quoted(self._folder)}", f"ls -1 {_quoted(self._folder)}").splitlines()
        return sorted(line.strip().rpartition("/")[2] for line in lines if not line.startswith("sftp>"))

    def fetch(self, names: Sequence[str], to: Path) -> None:
        self._do(*(f"get {_quoted(f'{self._folder}/{name}')} {_quoted(to / name)}" for name in names))

    def remove(self, names: Sequence[str]) -> None:
        if names:
            self._do(*(f"rm {_quoted(f'{self._folder}/{name}')}" for name in names))

    def _do(self, *lines: str) -> str:
        try:
            done = subprocess.run(
                [*SFTP, *self._options, self._to],
                input="".join(f"{line}\n" for line in lines),
                capture_output=True,
                text=True,
                timeout=_SFTP_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CodedRefusal("backup_sftp", to=self._to, why=error) from None
        if done.returncode:
            why = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), str(done.returncode))
            raise CodedRefusal("backup_sftp", to=self._to, why=why.strip())
        return done.stdout


Place: TypeAlias = Folder | Sftp


def _quoted(name: object) -> str:
    escaped = str(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def backup_name(host: str, now: datetime) -> str:
    """The name of the backup that this host makes now."""
    return f"plp-{host}-{now.astimezone(LOCAL):%Y-%m-%d-%H%M%S}.age"


def backups_in(names: Iterable[str], host: str) -> list[str]:
    """Those of these names that are a backup of this host, the newest first."""
    return sorted((name for name, match in _read(names) if match["host"] == host), reverse=True)


def overdue(backups: Sequence[str]) -> list[str]:
    """Those of these, newest first, that need not be kept: not one of the last three of the newest day, nor the last
    of one of 7 days or of 4 weeks.
    """
    newest: dict[date, str] = {}
    for name, match in _read(backups):
        newest.setdefault(date.fromisoformat(match["day"]), name)
    kept = list(newest)[:DAYS]
    mondays: dict[date, date] = {}
    for day in newest:
        mondays.setdefault(day - timedelta(days=day.weekday()), day)
    kept += list(mondays.values())[:WEEKS]
    stays = {newest[day] for day in kept}
    stays |= {
        name for name, match in [*_read(backups)][:TODAY] if date.fromisoformat(match["day"]) == next(iter(newest))
    }
    return [name for name in backups if name not in stays]


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
    """One backup. `trial`: "" for none, waiting, held or failed, `tried_at`. `left_out`: names of files not in it."""

    name: str
    made_at: datetime
    size_bytes: int
    left_out: str
    trial: str
    tried_at: datetime | None


def moved_at() -> datetime:
    """The time at which the data came from a database of another kind: older backups cannot be restored here."""
    moved = audit.newest("database_moved")
    return moved.at if moved else datetime.min.replace(tzinfo=UTC)


def kept_backups(settings: Settings, now: datetime) -> list[BackupCard]:
    """This host's backups that should exist, newest first, by the journal: no stick is read for a page."""
    since = max(now - timedelta(weeks=WEEKS + 2), moved_at())
    made = {entry.subject: entry for entry in audit.since(since, ("backup_made",))}
    names = backups_in(made, settings.host)
    gone = set(overdue(names))
    tried = trials(settings)
    return [
        BackupCard(
            name, made[name].at, int(str(made[name].detail["bytes"])), str(made[name].detail["left_out"]),
            *tried.get(name, ("", None)),
        )
        for name in names if name not in gone
    ]  # fmt: skip
