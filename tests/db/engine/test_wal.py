"""A -wal that SQLite gives up on in silence is noticed, kept, and stops what nobody can be sure of."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.engine.health import damage_file, keep_damaged, written
from db.journal import audit
from db.models.broadcasts import Broadcast, Part
from db.operations.lineage import hold_after_damage, recent_damage
from tests.support.people import cancel_broadcast, order, person, ready_modem

pytestmark = pytest.mark.sqlite

COMMITS = 12


@pytest.fixture
def crashed(tmp_path):
    """A database and its -wal of a dozen commits, as a crash leaves them."""
    living = tmp_path / "living.db"
    with closing(sqlite3.connect(living, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = wal")
        writer.execute("CREATE TABLE sent (number)")
        for number in range(COMMITS - 1):
            writer.execute("INSERT INTO sent VALUES (?)", (number,))
        for end in ("", "-wal"):
            shutil.copy(f"{living}{end}", tmp_path / f"plp.db{end}")
    return tmp_path / "plp.db"


def spoil(database, at):
    with (database.parent / f"{database.name}-wal").open("r+b") as wal:
        wal.seek(at)
        wal.write(b"\xde\xad\xbe\xef" * 4)


def frame_at(database, number, offset):
    """The place of a byte of a frame, from 1."""
    return 32 + (number - 1) * (24 + 4096) + offset


def sent(database):
    with closing(sqlite3.connect(database)) as reader:
        return reader.execute("SELECT count(*) FROM sent").fetchone()[0]


def wal_of(database):
    return database.parent / f"{database.name}-wal"


def test_a_whole_wal_is_no_damage(crashed):
    assert len(written(wal_of(crashed), crashed).commits) == COMMITS
    assert not keep_damaged(crashed)
    assert not damage_file(crashed).exists()
    assert sent(crashed) == COMMITS - 1


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(lambda database: frame_at(database, 4, 100), id="a page"),
        pytest.param(lambda database: frame_at(database, 4, 16), id="a checksum"),
        pytest.param(lambda database: frame_at(database, 4, 8), id="the salts of a frame"),
        pytest.param(lambda database: 0, id="the magic"),
        pytest.param(lambda database: 16, id="the salts of the header"),
    ],
)
def test_commits_that_sqlite_gives_up_on_are_noticed_once(crashed, at):
    spoil(crashed, at(crashed))
    spoiled = wal_of(crashed).read_bytes()
    assert keep_damaged(crashed)
    assert damage_file(crashed).read_bytes() == spoiled
    assert not keep_damaged(crashed)


def test_a_last_commit_that_a_power_cut_tore_was_promised_to_nobody(crashed):
    last = written(wal_of(crashed), crashed).commits[-1]
    spoil(crashed, frame_at(crashed, last, 100))
    assert not keep_damaged(crashed)
    assert sent(crashed) == COMMITS - 2


def test_older_frames_behind_the_newest_are_none_of_this_round(crashed):
    with closing(sqlite3.connect(crashed, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
        for number in range(3):
            writer.execute("INSERT INTO sent VALUES (?)", (number,))
        assert len(written(wal_of(crashed), crashed).commits) == 3
        assert not keep_damaged(crashed)


@pytest.mark.parametrize("content", [b"", b"\0" * 20, b"\0" * 9000])
def test_what_is_no_wal_is_no_damage(crashed, content):
    wal_of(crashed).write_bytes(content)
    assert not keep_damaged(crashed)


def test_what_waits_is_held_and_told_once(database, now):
    person(1, now)
    sender = ready_modem("a", now)
    placed = order(now)
    assert hold_after_damage(now) == 0
    assert not recent_damage(now)
    damage_file(database).write_bytes(b"frames")
    assert hold_after_damage(now) == 1
    assert Broadcast.get_by_id(placed.id).stage == "held"
    assert claim_part(sender, now) is None
    assert [entry.action for entry in audit.entries(2)] == ["journal_damaged", "broadcast_held"]
    assert recent_damage(now + timedelta(hours=23))
    assert not recent_damage(now + timedelta(hours=25))
    assert hold_after_damage(now) == 0
    assert [path.read_bytes() for path in database.parent.glob("*.damaged-*")] == [b"frames"]


def test_what_was_stopped_may_have_been_sent_again_in_what_is_lost(database, now):
    for number in (1, 2):
        person(number, now)
    placed = order(now)
    first = Part.select().order_by(Part.id).first().id
    Part.update(state="sent").where(Part.id == first).execute()
    cancel_broadcast(placed.id, "test", now)
    damage_file(database).write_bytes(b"frames")
    hold_after_damage(now)
    assert [part.state for part in Part.select().order_by(Part.id)] == ["sent", "unconfirmed"]
