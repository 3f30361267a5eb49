"""Reasons why the database cannot be written or does not answer, with their remedies; and commits in SQLite's -wal that
it no longer reads after a crash, since it ends at the first wrong checksum (sqlite.org/fileformat2 § 4).
"""

import logging
import os
import re
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

from peewee import DatabaseError, InterfaceError, OperationalError, SqliteDatabase

from db.engine.base import database
from db.engine.connection import UNAVAILABLE, waiting_to_write
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
_log = logging.getLogger(__name__)
_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MAGICS = (0x377F0682, 0x377F0683)


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
    """The reason why nothing can be written now; None for none, and on PostgreSQL, which reports it itself. `thorough`
    writes a page and waits up to a second for a lock: on suspicion only, and in no transaction that writes.
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
            with waiting_to_write():
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


class Written(NamedTuple):
    """Content of a -wal as its frames state it: the numbers of the frames that end a commit, from 1, and the salts."""

    commits: list[int]
    salts: tuple[int, int]


def damage_file(database: Path) -> Path:
    """Path of the copy of a -wal that could not be read to its end, kept until the daemon has reported it."""
    return Path(f"{database}-wal.damaged")


def keep_damaged(database: Path) -> bool:
    """Before this process opens the database: True, and a copy kept, when commits in its -wal are lost; but for the
    last, of which its writer was never sure. Never raises."""
    with suppress(OSError, sqlite3.Error):
        wal = Path(f"{database}-wal")
        before = written(wal, database)
        if before is None or len(before.commits) < 2:
            return False
        with closing(sqlite3.connect(database, timeout=0)) as opened:
            # Opened for the first time after a crash, it reads the -wal here. Kept open: the last one out deletes it.
            _busy, frames, _moved = opened.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            after = written(wal, database)
            if after is None or after.salts != before.salts or not 0 <= frames < before.commits[-2]:
                return False
            shutil.copyfile(wal, damage_file(database))
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or the next look would find the same again
        _log.error("the database's -wal is damaged: %d of %d frames are read", frames, before.commits[-1])
        return True
    return False


def empty_wal() -> bool:
    """Move what the -wal holds into the database and cut it; False while somebody reads or writes."""
    opened = database.obj
    if not isinstance(opened, SqliteDatabase):
        return True
    if opened.in_transaction():
        return False
    with suppress(OperationalError):
        busy, _frames, _moved = opened.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    return False


def written(wal: Path, database: Path) -> Written | None:
    """The commits in the file, whatever their checksums; None if there is no -wal, or an empty one."""
    if not wal.exists():
        return None
    with wal.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return None
        _magic, _version, page_bytes, _sequence, *salts = _HEADER.unpack(head)[:6]
        if not _is_sound(head):
            with database.open("rb") as pages:  # in the database's own header 1 stands for 65536
                size = int.from_bytes(pages.read(18)[16:], "big")
            page_bytes = 65536 if size == 1 else max(size, 512)
            salts = list(_FRAME.unpack(file.read(_FRAME.size).ljust(_FRAME.size, b"\0"))[2:4])
            file.seek(_HEADER.size)
        return Written(_commits(file, page_bytes, (salts[0], salts[1])), (salts[0], salts[1]))


def _is_sound(head: bytes) -> bool:
    magic = int.from_bytes(head[:4], "big")
    if magic not in _MAGICS:
        return False
    first = second = 0
    words = struct.unpack(f"{'>' if magic & 1 else '<'}6I", head[:24])
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return (first, second) == _HEADER.unpack(head)[6:]


def _commits(file: BinaryIO, page_bytes: int, salts: tuple[int, int]) -> list[int]:
    """Frames of this round; older ones, behind them, have other salts."""
    commits = []
    number = 0
    while len(head := file.read(_FRAME.size)) == _FRAME.size:
        number += 1
        _page, pages_after, *frame_salts, _first, _second = _FRAME.unpack(head)
        if pages_after and tuple(frame_salts) == salts:
            commits.append(number)
        file.seek(page_bytes, 1)
    return commits
