"""Why the database takes nothing more, in words: a full disk, one that is read-only, a lock that somebody keeps."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from peewee import SqliteDatabase

from db.engine.base import database

# With less than this the next alert to everybody does not fit.
LEAST_FREE_BYTES = 512 * 1024
# Our own transactions last milliseconds, on a slow card tenths of a second.
LOCK_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class WriteTrouble:
    """`why` continues a French sentence; `remedy` is one of its own."""

    why: str
    remedy: str

    @property
    def sentence(self) -> str:
        """For whoever looks after the machine."""
        return f"la base de données ne peut pas être écrite, {self.why}. {self.remedy}"


_ALONE = "Rien n'est perdu : l'envoi reprend tout seul."
FULL = WriteTrouble("le disque de la machine est plein", f"Libérez de la place. {_ALONE}")
READ_ONLY = WriteTrouble(
    "le disque de la machine est en lecture seule",
    f"Redémarrez la machine ; si cela revient, remplacez le disque ou la carte SD. {_ALONE}",
)
LOCKED = WriteTrouble("un autre programme la tient verrouillée", f"Fermez ce programme. {_ALONE}")
DAMAGED = WriteTrouble("son fichier est abîmé", "Arrêtez plp-alerte et remettez la dernière sauvegarde.")
REFUSED = WriteTrouble(
    "le disque de la machine refuse l'écriture", f"Vérifiez le disque ou la carte SD, et redémarrez. {_ALONE}"
)


def capitalised(sentence: str) -> str:
    """For the beginning of a message; the rest keeps its capitals."""
    return sentence[:1].upper() + sentence[1:]


def is_damage(error: Exception) -> bool:
    """True for what SQLite raises when it reads nonsense in its file, as peewee wraps it or not."""
    original = getattr(error, "orig", None) or error
    return isinstance(original, sqlite3.Error) and _told(original) is DAMAGED


def write_trouble(*, thorough: bool = False) -> WriteTrouble | None:
    """What stands against writing now; None when nothing does, and for PostgreSQL, whose server tells by itself.

    `thorough` writes a page for real, and waits up to a second for a lock: only where there is a suspicion, because a
    long import holds the lock too. Then outside transactions: it would wait for the caller's own.
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
