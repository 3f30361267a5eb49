"""Reasons why the database cannot be written (full disk, read-only disk, a lock that is kept) or does not answer, in
words: what happened, and what to do about it.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from peewee import DatabaseError, InterfaceError, SqliteDatabase

from db.engine.base import database
from db.engine.connection import UNAVAILABLE
from db.engine.postgres import is_postgres
from rules.sentences import Sentence, StoreFault, coded

# With less than this the next alert to everybody does not fit.
LEAST_FREE_BYTES = 512 * 1024
# Our own transactions last milliseconds, on a slow card tenths of a second.
LOCK_PATIENCE_S = 1.0
_INSUFFICIENT_PRIVILEGE = "42501"
# libpq gives no code for a refused connection; the server says it in its own language.
_NO_SUCH_DATABASE = re.compile(r'(?:database|base de donn[^\W"]{1,10}) ["«]')
_MISSING = re.compile(r"does not exist|n.existe pas")
_FATAL = re.compile(r"FATAL: +(.*)")


@dataclass(frozen=True, slots=True)
class WriteTrouble:
    """`code` is a word of the codes `database_CODE` and `database_CODE_remedy` in rules/wording/incidents.toml."""

    code: str

    @property
    def why(self) -> Sentence:
        """Only the reason, to continue a sentence."""
        return coded(f"database_{self.code}")

    @property
    def inside(self) -> Sentence:
        """The reason with its remedy, for use after a colon."""
        return self._whole("database_unwritable_inside")

    @property
    def sentence(self) -> Sentence:
        """The reason with its remedy, as a complete sentence."""
        return self._whole("database_unwritable")

    @property
    def fault(self) -> StoreFault:
        """The same sentence, to be raised."""
        return StoreFault("database_unwritable", **self.sentence.values)

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
    return isinstance(original, sqlite3.Error) and _trouble_of(original) is DAMAGED


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
    """On a separate connection: what is begun here ends here."""
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_PATIENCE_S, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {int(version)}")
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        return _trouble_of(error)
    return None


def _trouble_of(error: sqlite3.Error) -> WriteTrouble:
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


def name_of(url: str) -> str:
    """A PostgreSQL address as people may read it: no password, no parameters."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}"


@contextmanager
def in_words(url: str) -> Iterator[None]:
    """Turn errors of the database of `url` inside the block into a StoreFault, where a person can act on it."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        fault = _explained(error, url)
        if fault is None:
            raise
        raise fault from error


def _explained(error: Exception, url: str) -> StoreFault | None:
    original = getattr(error, "orig", None) or error  # what the driver raised, which peewee wraps
    if getattr(original, "sqlstate", None) == _INSUFFICIENT_PRIVILEGE:
        return StoreFault("database_no_right", name=name_of(url), why=_first_line(str(original)))
    if is_damage(error):
        return DAMAGED.fault
    if not isinstance(error, UNAVAILABLE):
        return None
    if is_postgres(url):
        return _server_away(str(original), url)
    trouble = write_trouble(thorough=True)
    return trouble.fault if trouble else StoreFault("database_silent", why=_first_line(str(original)))


def _server_away(why: str, url: str) -> StoreFault:
    fatal = _FATAL.search(why)
    if fatal is None:
        return StoreFault("database_server_silent", name=name_of(url), why=_first_line(why))
    if _NO_SUCH_DATABASE.search(why) and _MISSING.search(why):
        parts = urlsplit(url)
        role, database = parts.username or "plp", parts.path[1:] or "plp"
        return StoreFault("database_not_made", name=name_of(url), role=role, database=database)
    return StoreFault("database_no_connection", name=name_of(url), why=_first_line(fatal[1]))


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0].rstrip(". ") if lines else "?"
