"""Between two backups, what changed: each minute the pages of SQLite's file that differ, as one small encrypted file.

A backup with its changes, in their order, is the database of a minute ago. The copy that is compared is made in
memory: made on an SD card it would wear it out.
"""

import hashlib
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from db.operations.backup.archive import DATABASE, Manifest, pack
from db.operations.backup.copying import kind_of, snapshot
from db.operations.backup.places import changes_in, changes_name, is_changes, place_of
from db.operations.runs import backup_run, last_run
from db.settings.values import Settings
from plp.rules.people import MACHINE
from plp.rules.sentences import CodedRefusal
from plp.services.backup.making import back_up, recipients

_MEMORY = Path("/dev/shm")  # noqa: S108  (the folder in it is this user's alone)
_PAGE = 4096  # any size would do: it need not be the database's own
# Seldom enough that a stick lasts for years; with what one takes, well within a minute.
_EVERY = timedelta(seconds=40)
_NUMBER = struct.Struct(">I")


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
        last = last_run(backup_run(settings))
        if not self._base or last is None or last.outcome != self._base:
            return self._begin(settings, now)
        try:
            with TemporaryDirectory(dir=_MEMORY, prefix="plp-") as folder:
                return self._keep(settings, Path(folder), now)
        except OSError as error:
            raise CodedRefusal("backup_unwritable", path=_MEMORY, why=error.strerror or error) from None

    def _begin(self, settings: Settings, now: datetime) -> bool:
        self._base = ""  # what fails half-way begins anew
        self._base = back_up(settings, MACHINE, now, seen=lambda copy: self._take([*_digests(copy)]))
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
        return self._take(digests)

    def _take(self, digests: list[bytes]) -> bool:
        self._digests = digests
        return True


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
