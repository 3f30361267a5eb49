"""One process at a time does a thing for a host: two would each take what the other left in the middle."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from db.engine.base import database
from db.engine.connection import sqlite_path
from db.engine.postgres import advisory_lock
from db.settings.values import Settings


class Turn(Protocol):
    """That it is this process's, while it holds."""

    def is_held(self) -> bool:
        """False once it was lost. Never waits."""
        ...


class _FileTurn:
    def is_held(self) -> bool:
        return True


@contextmanager
def alone(what: str, settings: Settings) -> Iterator[Turn | None]:
    """This host's turn at `what` for the length of the block; None when another process has it.

    A lock beside SQLite's file, or one in PostgreSQL. Raises the database's errors.
    """
    shared = advisory_lock(database.obj, f"plp {what} {settings.host}")
    if shared is None:
        with _beside(Path(f"{sqlite_path(settings.database.url, settings.folder)}.{what}.lock")) as turn:
            yield turn
        return
    try:
        yield shared if shared.take() else None
    finally:
        shared.release()


@contextmanager
def _beside(path: Path) -> Iterator[Turn | None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        yield None
        return
    try:
        yield _FileTurn()
    finally:
        os.close(descriptor)
