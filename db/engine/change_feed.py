"""Notice of commits by any process: a hint that wakes waiting threads. Only the tables are certain (docs/adr/0001)."""

import ctypes
import os
import select
import time
from pathlib import Path
from typing import TypeAlias

from peewee import Database, PostgresqlDatabase, SqliteDatabase

from db.engine.connection import sqlite_database
from db.engine.postgres import CommitListener

# inotify(7).
_IN_MODIFY = 0x2
# A commit is in the -wal before its flush, and readers see it after that: looked for after so long, then less often.
_SOONEST_S, _LATEST_S = 0.005, 0.04
_FLUSH_AT_MOST_S = 5.0
# Another commit may have been written while the last one was seen.
_FOLLOWS_WITHIN_S = 0.1


def commit_watch(database: Database) -> "CommitWatch":
    """For SQLite its data_version, for PostgreSQL what it notifies (docs/trials.md, "Noticing new work")."""
    if isinstance(database, PostgresqlDatabase):
        return CommitListener(database)
    if isinstance(database, SqliteDatabase):
        return DataVersion(database)
    raise TypeError(f"{type(database).__name__} cannot be watched")


class DataVersion:
    """Looks when the kernel reports a write to the -wal, else 25 times a second; a transaction would freeze it."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = sqlite_database(database.database)
        self._database.connect()
        self._version = self._database.data_version
        self._writes = select.poll()
        self._fd = _watched(Path(f"{database.database}-wal"))
        if self._fd >= 0:
            self._writes.register(self._fd, select.POLLIN)
        self._look_until_s = 0.0 if self._fd >= 0 else float("inf")
        self._pause_s = _LATEST_S

    def wait(self, timeout_s: float) -> bool:
        """True as soon as another connection committed since the last call; False when none did in `timeout_s`."""
        until_s = (now_s := time.monotonic()) + timeout_s
        while True:
            looks = now_s < self._look_until_s
            self._listen(min(until_s - now_s, self._pause_s if looks else timeout_s))
            if self._has_changed():
                return True
            if (now_s := time.monotonic()) >= until_s:
                return False

    def close(self) -> None:
        self._database.close()
        if self._fd >= 0:
            os.close(self._fd)

    def _listen(self, seconds: float) -> None:
        if self._writes.poll(seconds * 1000):
            os.read(self._fd, 4096)
            self._look_until_s, self._pause_s = time.monotonic() + _FLUSH_AT_MOST_S, _SOONEST_S
        else:
            self._pause_s = min(self._pause_s * 2, _LATEST_S)

    def _has_changed(self) -> bool:
        version = self._database.data_version
        changed, self._version = version != self._version, version
        if changed and self._fd >= 0:
            self._look_until_s = time.monotonic() + _FOLLOWS_WITHIN_S
        return bool(changed)


def _watched(file: Path) -> int:
    """A descriptor that is readable once somebody wrote to `file`; -1 where the kernel gives none."""
    kernel = ctypes.CDLL(None)
    descriptor = int(kernel.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    if descriptor >= 0 and kernel.inotify_add_watch(descriptor, os.fsencode(file), _IN_MODIFY) < 0:
        os.close(descriptor)
        return -1
    return descriptor


CommitWatch: TypeAlias = DataVersion | CommitListener
