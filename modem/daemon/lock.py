"""One daemon per database and host: two would hand the same part over twice after a recovery."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from db.engine.connection import Database, sqlite_path
from db.engine.postgres import AdvisoryLock, advisory_lock
from db.settings.values import Settings
from plp.rules.refusals import Refusal


class DaemonLock(Protocol):
    """What lets a daemon send."""

    def is_held(self) -> bool:
        """False once it was lost: nothing may be handed over until it is taken again. Never waits."""
        ...

    def take(self) -> bool:
        """Again, after it was lost; False when another daemon has it. Raises the database's errors."""
        ...


class FileLock:
    """A lock on a file that is open: as long as this process lives."""

    def is_held(self) -> bool:
        """Always."""
        return True

    def take(self) -> bool:
        """It is never lost."""
        return True


@contextmanager
def only_daemon(settings: Settings, database: Database) -> Iterator[DaemonLock]:
    """Hold this host's lock: beside SQLite's file, or in PostgreSQL. Raises Refusal when another daemon has it."""
    shared = advisory_lock(database, f"plp modem {settings.host}")
    if shared is not None:
        with _in_database(shared, settings.host):
            yield shared
        return
    with _beside(sqlite_path(settings.database.url, settings.folder)):
        yield FileLock()


@contextmanager
def _in_database(lock: AdvisoryLock, host: str) -> Iterator[None]:
    if not lock.take():
        raise Refusal(
            "Un service de modems tourne déjà avec cette base sous le nom « {host} » : arrêtez-le d'abord ; si c'est "
            "une autre machine, donnez à celle-ci un autre nom ([database] host).",
            host=host,
        )
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _beside(database_path: Path) -> Iterator[None]:
    path = Path(f"{database_path}.modem.lock")
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refusal(
                "Un service de modems tourne déjà avec cette base (pid {pid}) : arrêtez-le d'abord.",
                pid=lock.read().strip() or "?",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
