"""Notice of commits by any process: a hint that wakes those who wait. The tables alone are certain."""

from typing import TypeAlias

from peewee import Database, PostgresqlDatabase, SqliteDatabase

from db.engine.connection import sqlite_database
from db.engine.postgres import CommitListener


def commit_watch(database: Database) -> "CommitWatch":
    """For SQLite its data_version, for PostgreSQL what it notifies (docs/reference/trials.md, "Noticing new work")."""
    if isinstance(database, PostgresqlDatabase):
        return CommitListener(database)
    if isinstance(database, SqliteDatabase):
        return DataVersion(database)
    raise TypeError(f"{type(database).__name__} cannot be watched")


class DataVersion:
    """`changed()` costs some 20 µs; an open read transaction on this connection would freeze it, so it has none."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = sqlite_database(database.database)
        self._database.connect()
        self._version = self._database.data_version

    def changed(self) -> bool:
        """True when another connection committed since the last call."""
        version = self._database.data_version
        changed, self._version = version != self._version, version
        return bool(changed)

    def close(self) -> None:
        """Give the connection back."""
        self._database.close()


CommitWatch: TypeAlias = DataVersion | CommitListener
