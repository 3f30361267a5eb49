"""Connections of SQLite that stay open between two requests of a console (docs/adr/0183)."""

import os
import sqlite3
import time
from typing import Any

from playhouse.pool import PooledSqliteDatabase

# SQLite opens a file on a read-only disk for reading only, and leaves it so: for no longer than this.
KEPT_FOR_S = 10


class SqliteConnection(sqlite3.Connection):
    """A connection that knows which file it opened."""

    def __init__(self, path: str, *args: Any, **options: Any) -> None:
        self.file = _file_at(path)  # before it is opened: one that takes its place meanwhile is noticed
        super().__init__(path, *args, **options)


class KeptSqlite(PooledSqliteDatabase):  # type: ignore[misc]  # it has no types
    """Closes connections, or within `kept_connections` keeps them open for later blocks of any thread."""

    keeps_connections = False

    def _is_stale(self, timestamp: float) -> bool:
        """Also where the clock was set back since."""
        return not 0 <= time.time() - timestamp <= self._stale_timeout

    def _is_closed(self, conn: SqliteConnection) -> bool:
        """Never use a connection to a file whose place another file has taken."""
        if conn.file == _file_at(self.database):
            return bool(super()._is_closed(conn))
        conn.close()
        return True

    def _can_reuse(self, conn: SqliteConnection) -> bool:
        """A query that was read in part holds its snapshot; while there is one, `interrupt` ends every new query."""
        if not self.keeps_connections or not super()._can_reuse(conn):
            return False
        conn.interrupt()
        try:
            conn.execute("SELECT 1").close()
        except sqlite3.OperationalError:
            return False
        return True


def _file_at(path: str) -> tuple[int, int] | None:
    try:
        about = os.stat(path)
    except OSError:
        return None
    return about.st_dev, about.st_ino
