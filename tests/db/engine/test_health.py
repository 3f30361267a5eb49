"""What keeps the database from being written is told by its name, and nothing can be ordered meanwhile."""

import os
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from peewee import DatabaseError, OperationalError

from db.engine import health
from db.engine.connection import Pace, connected
from db.engine.health import DAMAGED, FULL, LOCKED, READ_ONLY, REFUSED, in_words, write_trouble
from db.models.broadcasts import Broadcast
from db.modems.readiness import readiness
from db.modems.status import modem_cards
from rules.refusals import NotReady
from rules.sentences import StoreFault
from tests.support.people import order, person, ready_modem

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(health, "LOCK_PATIENCE_S", 0.005)


@pytest.fixture
def disk(monkeypatch):
    """`disk(free=…, flags=…)`: what the system says of the database's disk."""

    def say(free=10**9, flags=0):
        found = list(os.statvfs("/"))
        found[0] = found[1] = 4096
        found[4], found[8] = free // 4096, flags
        monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result(found))

    return say


@pytest.fixture
def locked(database):
    """Another program that holds the write lock."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def importing():
    """A bulk writer in another thread, whose transactions follow each other without a pause."""
    pace, began, ended = Pace(), threading.Event(), threading.Event()

    @connected()
    def write():
        while not ended.is_set():
            with pace.transaction():
                began.set()
                time.sleep(0.02)

    thread = threading.Thread(target=write)
    thread.start()
    began.wait()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("thorough", [False, True])
def test_nothing_is_wrong_with_a_database_that_can_be_written(database, thorough):
    assert write_trouble(thorough=thorough) is None


@pytest.mark.slow
def test_an_import_is_not_another_program_that_locks_the_database(database, monkeypatch):
    """It lets in who waits: an alert ordered beside it, while the modems' process is silent, is not refused."""
    monkeypatch.setattr(health, "LOCK_PATIENCE_S", 0.4)
    with importing():
        assert {write_trouble(thorough=True) for _ in range(5)} == {None}


def test_looking_thoroughly_changes_nothing(database):
    with closing(sqlite3.connect(database)) as other:
        other.execute("PRAGMA user_version = 7")
        assert write_trouble(thorough=True) is None
        assert other.execute("PRAGMA user_version").fetchone() == (7,)


def test_a_full_disk(database, disk):
    disk(free=100 * 1024)
    assert write_trouble() == FULL


def test_a_read_only_disk(database, disk):
    disk(flags=os.ST_RDONLY)
    assert write_trouble() == READ_ONLY


def test_a_lock_that_is_kept(locked):
    assert write_trouble(thorough=True) == LOCKED


def test_a_lock_is_no_trouble_while_the_daemon_writes(locked, monkeypatch, now):
    """A long import keeps it too, for seconds."""
    monkeypatch.setattr("db.modems.readiness._beats", lambda signs, since: {"box": now})
    assert write_trouble() is None
    assert "base de données" not in str(readiness(now).sentence)


def test_a_file_that_is_none(database, tmp_path):
    garbage = tmp_path / "plp.db"
    garbage.unlink()
    garbage.write_bytes(b"not a database" * 1000)
    assert write_trouble(thorough=True) == DAMAGED


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (sqlite3.SQLITE_FULL, FULL),
        (sqlite3.SQLITE_READONLY_CANTINIT, READ_ONLY),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, LOCKED),
        (sqlite3.SQLITE_IOERR_WRITE, REFUSED),
        (sqlite3.SQLITE_CANTOPEN, REFUSED),
    ],
)
def test_what_sqlite_says(code, trouble):
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    assert health._trouble_of(error) == trouble


@pytest.fixture
def damage():
    """What SQLite raises when it reads nonsense."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def test_damage_is_known_whoever_wraps_it(damage):
    assert health.is_damage(damage)
    assert health.is_damage(DatabaseError(damage))
    assert not health.is_damage(OperationalError("database is locked"))
    assert not health.is_damage(ValueError(1))


def test_a_command_reads_what_the_disk_says(database, disk):
    disk(flags=os.ST_RDONLY)
    with (
        pytest.raises(StoreFault, match=r"^Impossible d'écrire dans la base de données : .* en lecture seule"),
        in_words("sqlite:///x"),
    ):
        raise OperationalError("unable to open database file")


def test_a_command_reads_that_the_file_is_damaged(database, damage):
    with pytest.raises(StoreFault, match="son fichier est endommagé"), in_words("sqlite:///x"):
        raise DatabaseError(damage)


def test_nothing_is_ready_and_nothing_is_ordered_while_nothing_can_be_written(database, disk, now):
    ready_modem("a", now)
    person(1, now)
    disk(free=0)
    state = readiness(now)
    assert not state.ready
    assert not state.can_take_orders
    assert str(state.sentence) == (
        "Pas prêt : impossible d'écrire dans la base de données, le disque du serveur est plein. "
        "Libérez de la place. Les envois déjà enregistrés reprendront ensuite."
    )
    assert str(state.plain) == "Pas prêt : enregistrement impossible, le disque du serveur est plein."
    assert str(state.advice) == "Prévenez le technicien."
    with pytest.raises(NotReady, match="plein"):
        order(now)
    assert Broadcast.select().count() == 0


def test_a_daemon_that_cannot_write_is_not_said_to_be_stopped(locked, now):
    assert "un autre programme l'a verrouillée" in str(readiness(now).sentence)


def test_a_modem_of_such_a_daemon_is_not_said_to_be_without_one(database, disk, now):
    ready_modem("a", now)
    later = now + timedelta(minutes=1)
    assert [card.sentence for card in modem_cards(later)] == ["Le service des modems ne fonctionne pas."]
    disk(free=0)
    (card,) = modem_cards(later)
    assert card.state == "absent"
    assert card.sentence.startswith("État inconnu : impossible d'écrire dans la base de données, le disque")


def test_a_simulator_stays_marked(database, disk, now):
    ready_modem("a", now, simulated=True)
    disk(free=0)
    assert readiness(now).simulated
