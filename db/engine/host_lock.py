"""Locks of one host: a job in which two processes would be in one another's way is done by one at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeAlias

from peewee import PostgresqlDatabase

from db.engine.connection import Database, sqlite_path
from db.engine.postgres import AdvisoryLock
from plp.settings.values import Settings


class Taken(Exception):
    """Another process has the lock; `pid` is its process id, "" where it may be on another machine."""

    def __init__(self, pid: str = "") -> None:
        super().__init__(pid)
        self.pid = pid


class _FileLock:
    """A lock on a file, held until the process ends; it is never lost."""

    def is_held(self) -> bool:
        """False once it was lost. Never waits."""
        return True

    def take(self) -> bool:
        """Take it again after a loss; False if another process has it. Raises the database's errors."""
        return True


HostLock: TypeAlias = _FileLock | AdvisoryLock


@contextmanager
def alone(what: str, settings: Settings, database: Database) -> Iterator[HostLock]:
    """Hold this host's lock `what` (a file with the process id, or PostgreSQL's) during the block. Raises Taken."""
    if not isinstance(database, PostgresqlDatabase):
        path = f"{sqlite_path(settings.database.url, settings.folder)}.{what}.lock"
        with open(path, "a+", encoding="ascii", opener=partial(os.open, mode=0o660)) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise Taken(file.read().strip() or "?") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield _FileLock()
        return
    shared = AdvisoryLock(database, f"plp {what} {settings.host}")
    if not shared.take():
        raise Taken
    try:
        yield shared
    finally:
        shared.close()
