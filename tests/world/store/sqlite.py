"""The machine's disk: a folder that every crash leaves as it is, with a database copied from one made before. A power
cut takes what was not flushed.
"""

import atexit
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher

from base.settings.values import ZoneSettings
from db.engine.base import database
from db.engine.connection import bind, connected
from db.engine.health import keep_damaged
from db.journal.audit import use_key_file
from db.people.accounts import passwords
from plp.services.machine import bring_up_to_date
from tests.support.disk import be_quick

URL = "sqlite:///plp.db"
# What a disk writes as a whole.
SECTOR_BYTES = 512
# The headers of a -wal and of each of its frames (sqlite.org/fileformat2 § 4.1).
HEADER_BYTES, FRAME_BYTES = 32, 24
ZONE = ZoneSettings(name="Police locale Seraing/Neupré", code="5278", phone="04/330 40 00")


def be_cheap() -> None:
    """No file is waited for, and argon2 costs nothing."""
    be_quick()
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def _template() -> Path:
    be_cheap()
    folder = Path(tempfile.mkdtemp(prefix="plp-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    use_key_file(folder / "journal.key")
    opened = bind(URL, folder)
    with connected():
        bring_up_to_date(opened, ZONE)
    return folder


@contextmanager
def disk(on_commit: Callable[[Callable[[], None]], None]) -> Iterator[Path]:
    """A folder with a fresh database, bound and connected. `on_commit` gets each COMMIT, and does it or not."""
    template = _template()
    with tempfile.TemporaryDirectory(prefix="plp-night-") as name:
        folder = Path(name)
        for file in ("plp.db", "journal.key"):
            shutil.copy(template / file, folder / file)
        use_key_file(folder / "journal.key")
        opened = bind(URL, folder)
        commit = opened.commit
        opened.commit = lambda: on_commit(commit)
        with connected():
            yield folder
        database.close()


def tear(commit: Callable[[], None], chance: random.Random) -> bool:
    """The power fails within this COMMIT: of what it writes some sectors are on the disk, and others are not, so that
    the transaction is lost. The database is opened again; True where its start takes that for damage of older commits.
    """
    file = Path(str(database.obj.database))
    wal = Path(f"{file}-wal")
    whole, before = file.read_bytes(), wal.read_bytes() if wal.exists() else b""
    commit()
    after, contexts = wal.read_bytes(), database.obj._state.ctx
    database.close()
    for beside in file.parent.glob(f"{file.name}-*"):
        if beside.name.endswith(("-wal", "-shm")):
            beside.unlink()
    file.write_bytes(whole)
    wal.write_bytes(_torn(before, after, chance))
    was_taken_for_damage = keep_damaged(file)
    database.connect()
    database.obj._state.ctx = contexts  # `connected()` blocks end where they began
    return was_taken_for_damage


def _torn(before: bytes, after: bytes, chance: random.Random) -> bytes:
    """`after` without one sector at least of those that are new in it. Where SQLite begins the -wal anew, it waits for
    the header to be on the disk before it writes a frame.
    """
    before = before.ljust(len(after), b"\0")
    sectors = ((at, slice(at, at + SECTOR_BYTES)) for at in range(0, len(after), SECTOR_BYTES))
    new = [at for at, sector in sectors if before[sector] != after[sector]]
    lost = {chance.choice(new), *(at for at in new if chance.random() < chance.choice((0.0, 0.3, 1.0)))} if new else ()
    torn = bytearray(after)
    # Half a frame's header of before and half of now may read as a commit of now: they are written or lost together.
    frame_bytes = FRAME_BYTES + int.from_bytes(after[8:12], "big")
    for begins in range(HEADER_BYTES, len(after), frame_bytes):
        halves = {place - place % SECTOR_BYTES for place in (begins, begins + FRAME_BYTES - 1)}
        lost = {*lost, *halves} if halves & {*lost} else lost
    for at in lost:
        torn[at : at + SECTOR_BYTES] = before[at : at + SECTOR_BYTES]
    torn[:HEADER_BYTES] = after[:HEADER_BYTES]
    return bytes(torn)
