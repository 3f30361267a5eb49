"""SQLite's -wal after a crash: finds commits that SQLite, which ends at the first wrong checksum, no longer reads.

Format: sqlite.org/fileformat2 § 4.
"""

import logging
import shutil
import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from peewee import OperationalError, SqliteDatabase

from db.engine.base import database

_log = logging.getLogger(__name__)

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MAGICS = (0x377F0682, 0x377F0683)


class Written(NamedTuple):
    """Content of a -wal as its frames state it: the numbers of the frames that end a commit, from 1, and the salts."""

    commits: list[int]
    salts: tuple[int, int]


def damage_file(database: Path) -> Path:
    """Path of the copy of a -wal that could not be read to its end, kept until the daemon has reported it."""
    return Path(f"{database}-wal.damaged")


def keep_damaged(database: Path) -> bool:
    """Before this process opens the database: True, and a copy kept, when commits in its -wal are lost. Never raises.

    The last commit may be missing after a power cut: its writer was never assured that it was durable.
    """
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
