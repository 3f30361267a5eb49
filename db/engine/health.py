"""Reasons why the database cannot be written, in words: full disk, read-only disk, a lock that is kept."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from peewee import SqliteDatabase

from db.engine.base import database
from plp.rules.sentences import Sentence, coded

# With less than this the next alert to everybody does not fit.
LEAST_FREE_BYTES = 512 * 1024
# Our own transactions last milliseconds, on a slow card tenths of a second.
LOCK_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class WriteTrouble:
    """`code` is a word of the codes `database_CODE` and `database_CODE_remedy` in plp/rules/wording/incidents.toml."""

    code: str

    @property
    def why(self) -> Sentence:
        """The reason alone, to continue a sentence with."""
        return coded(f"database_{self.code}")

    @property
    def inside(self) -> Sentence:
        """The reason with its remedy, to stand after a colon."""
        return self._whole("database_unwritable_inside")

    @property
    def sentence(self) -> Sentence:
        """The reason with its remedy, as a sentence of its own."""
        return self._whole("database_unwritable")

    def _whole(self, code: str) -> Sentence:
        return coded(code, why=self.why, remedy=coded(f"database_{self.code}_remedy"))


FULL = WriteTrouble("full")
READ_ONLY = WriteTrouble("read_only")
LOCKED = WriteTrouble("locked")
DAMAGED = WriteTrouble("damaged")
REFUSED = WriteTrouble("refused")


def is_damage(error: Exception) -> bool:
    """True for what SQLite raises when it reads nonsense in its file, as peewee wraps it or not."""
    original = getattr(error, "orig", None) or error
    return isinstance(original, sqlite3.Error) and _told(original) is DAMAGED


def write_trouble(*, thorough: bool = False) -> WriteTrouble | None:
    """The reason why nothing can be written now; None for none, and for PostgreSQL, whose server reports it itself.

    `thorough` writes a page and waits up to a second for a lock: on suspicion only, and outside transactions.
    """
    opened = database.obj
    if not isinstance(opened, SqliteDatabase):
        return None
    path = Path(str(opened.database))
    return _of_the_disk(path) or (_of_the_file(path) if thorough else None)


def _of_the_disk(path: Path) -> WriteTrouble | None:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return REFUSED
    if disk.f_flag & os.ST_RDONLY:
        return READ_ONLY
    return FULL if disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES else None


def _of_the_file(path: Path) -> WriteTrouble | None:
    """On a connection of its own: what is begun here ends here."""
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_PATIENCE_S, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {int(version)}")
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        return _told(error)
    return None


def _told(error: sqlite3.Error) -> WriteTrouble:
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LOCKED
        case sqlite3.SQLITE_FULL:
            return FULL
        case sqlite3.SQLITE_READONLY:
            return READ_ONLY
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DAMAGED
        case _:
            return REFUSED
