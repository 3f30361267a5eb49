"""A backup is made: a copy of the database with this machine's keys, encrypted, put in its place; old ones go.

Between two of them, each minute, the pages of SQLite's file that differ are kept as one small encrypted file: a backup
with its changes, in their order, is the database of a minute ago. The copy that is compared is made in memory: made on
an SD card it would wear it out.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from db.engine.files import state_folder, write_whole
from db.journal import audit
from db.operations.backup.archive import DATABASE, Manifest, new_identity, pack
from db.operations.backup.files import FORGOTTEN, copy_database, kind_of, reaching, readable, snapshot
from db.operations.backup.places import (
    Folder,
    Place,
    backups_in,
    changes_in,
    changes_name,
    is_changes,
    lapsed,
    overdue,
    place_of,
)
from db.operations.runs import claim_run, last_run, mark_run_done, mark_run_failed, run_of
from db.people.members.forgotten import forgotten_list
from db.settings.values import Settings
from rules.calendar import LOCAL
from rules.people import MACHINE, Actor
from rules.sentences import CodedRefusal

# A night that failed and the next one: then people are told.
LATE = timedelta(hours=36)
_MEMORY = Path("/dev/shm")  # noqa: S108  (the folder in it is this user's alone)
_PAGE = 4096  # any size would do: it need not be the database's own
# Seldom enough that a stick lasts for years; with what one takes, well within a minute.
_EVERY = timedelta(seconds=40)
_NUMBER = struct.Struct(">I")


def back_up(
    settings: Settings, by: str, now: datetime, slot: str | None = None, seen: Callable[[Path], object] | None = None
) -> str:
    """Make one now; returns its name, or "" when the run of this `slot` is done or under way. Raises CodedRefusal.

    `seen` is called with the copy of the database before it goes.
    """
    slot = slot or now.isoformat()
    run = run_of("backup", settings)
    if not claim_run(run, slot, settings.host, now):
        return ""
    try:
        name = _made(settings, place_of(settings), by, now, seen or (lambda _copy: None))
    except CodedRefusal as refusal:
        mark_run_failed(run, slot, refusal.stored)
        raise
    mark_run_done(run, slot, name, now)
    return name


def _made(settings: Settings, place: Place, by: str, now: datetime, seen: Callable[[Path], object]) -> str:
    name = f"plp-{settings.host}-{now.astimezone(LOCAL):%Y-%m-%d-%H%M%S}.age"
    here = state_folder(settings)
    with reaching(here), TemporaryDirectory(dir=here, prefix=".backup-") as folder:
        file, copy = Path(folder, name), Path(folder, DATABASE)
        copy_database(settings, copy)
        files, left_out = readable(settings)
        about = Manifest(now.isoformat(), settings.host, kind_of(settings), version("plp-alerte"), (*files,), left_out)
        pack(about, copy, files, recipients(settings), file)
        size = file.stat().st_size
        place.store(file, name)
        seen(copy)
        listed = Path(folder, FORGOTTEN)
        listed.write_text(forgotten_list(), encoding="ascii")
        place.store(listed, FORGOTTEN)
    there = place.names()
    place.remove([*overdue(backups_in(there, settings.host)), *lapsed(there, settings.host)])
    audit.record(now, by, "backup_made", name, bytes=size, left_out=", ".join(left_out))
    return name


def own_identity(settings: Settings) -> Path:
    """This machine's own private key: it opens what it made, for the monthly trial. Who has it has the database too."""
    return state_folder(settings) / "backup.key"


def recipients(settings: Settings) -> tuple[str, str]:
    """The public keys of the zone and of this machine, whose own is made where there is none."""
    path = own_identity(settings)
    if not path.exists():
        write_identity(path)
    own = path.read_text(encoding="ascii").partition("public key: ")[2].partition("\n")[0]
    return settings.backup.recipient, own


def write_identity(path: Path) -> str:
    """Write a new private key, as age-keygen does; returns the public one. Raises FileExistsError, OSError."""
    secret, public = new_identity()
    if path.exists():
        raise FileExistsError(path)
    write_whole(path, f"# public key: {public}\n{secret}\n".encode("ascii"))
    return public


def hand_out(settings: Settings, name: str, by: Actor, now: datetime) -> Path:
    """The file of a backup of this host, still encrypted, for an admin; noted in the journal. Raises CodedRefusal."""
    place = place_of(settings)
    if not isinstance(place, Folder):
        raise CodedRefusal("backup_elsewhere", to=settings.backup.to)
    if name not in backups_in(place.names(), settings.host):
        raise CodedRefusal("backup_gone", name=name)
    path = place.path / name
    with reaching(path):
        path.open("rb").close()
    audit.record_from(now, by, "backup_handed_out", name)
    return path


class MinuteCopies:
    """Pages of the database that are kept already since the newest backup. One per process of the jobs."""

    def __init__(self) -> None:
        self._base = ""
        self._number = 0
        self._digests: list[bytes] = []
        self._at: datetime | None = None

    def step(self, settings: Settings, now: datetime) -> bool:
        """Keep what changed, 40 seconds after the last time at the earliest; a whole backup where another one was made
        meanwhile. True when something was kept. Raises CodedRefusal.
        """
        if self._at is not None and timedelta() <= now - self._at < _EVERY:
            return False
        self._at = now
        last = last_run(run_of("backup", settings))
        if not self._base or last is None or last.outcome != self._base:
            return self._begin(settings, now)
        with reaching(_MEMORY), TemporaryDirectory(dir=_MEMORY, prefix="plp-") as folder:
            return self._keep(settings, Path(folder), now)

    def _begin(self, settings: Settings, now: datetime) -> bool:
        self._base = ""  # what fails half-way begins anew
        self._base = back_up(settings, MACHINE, now, seen=self._take)
        self._number = 0
        place = place_of(settings)
        kept = set(changes_in(names := place.names(), self._base))
        place.remove([name for name in names if is_changes(name, settings.host) and name not in kept])
        return True

    def _keep(self, settings: Settings, folder: Path, now: datetime) -> bool:
        copy, changed = folder / "copy", folder / DATABASE
        snapshot(settings, copy)
        digests = [*_digests(copy)]
        with copy.open("rb") as source, changed.open("wb") as out:
            for number, digest in enumerate(digests):
                if digest not in self._digests[number : number + 1]:
                    source.seek(number * _PAGE)
                    out.write(_NUMBER.pack(number) + source.read(_PAGE))
        copy.unlink()
        if not changed.stat().st_size and len(digests) == len(self._digests):
            return False
        name = changes_name(self._base, self._number + 1)
        about = Manifest(
            now.isoformat(), settings.host, kind_of(settings), version("plp-alerte"),
            base=self._base, number=self._number + 1, pages=len(digests),
        )  # fmt: skip
        pack(about, changed, {}, recipients(settings), folder / name)
        place_of(settings).store(folder / name, name)
        self._number += 1
        self._digests = digests
        return True

    def _take(self, copy: Path) -> None:
        self._digests = [*_digests(copy)]


def _digests(copy: Path) -> Iterator[bytes]:
    with copy.open("rb") as file:
        while page := file.read(_PAGE):
            yield hashlib.blake2b(page, digest_size=8).digest()


def apply_changes(manifest: Manifest, changed: Path, database: Path) -> None:
    """Write the pages of one file of changes into a copy of the database."""
    with changed.open("rb") as source, database.open("r+b") as out:
        while head := source.read(_NUMBER.size):
            out.seek(_NUMBER.unpack(head)[0] * _PAGE)
            out.write(source.read(_PAGE))
        out.truncate(manifest.pages * _PAGE)
