"""Has anybody committed something? SQLite's data_version, asked on a connection that does nothing else (tried.md)."""

from peewee import Database, SqliteDatabase

from db.connection import sqlite_database


class CommitWatch:
    """`changed()` costs some 20 µs; an open read transaction on this connection would freeze it, so it has none."""

    def __init__(self, database: Database) -> None:
        if not isinstance(database, SqliteDatabase):
            raise TypeError("only SQLite has a data_version")
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
