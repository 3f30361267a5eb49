"""A commit of anybody is noticed, and nothing else is."""

import threading
import time

import pytest
from peewee import SqliteDatabase

from db.engine import change_feed
from db.engine.change_feed import commit_watch
from db.engine.connection import connected, writing
from db.journal import audit
from db.models.people import Member


@pytest.fixture
def watch(database):
    made = commit_watch(Member._meta.database.obj)
    yield made
    made.close()


def is_seen(watch):
    return watch.wait(1.0)


def test_a_commit_is_seen_once(watch, now):
    assert not watch.wait(0)
    with writing():
        audit.record(now, "anne", "something")
    assert is_seen(watch)
    assert not watch.wait(0)
    assert Member.select().count() == 0
    assert not watch.wait(0)


def test_what_is_not_committed_is_not_seen(watch, now):
    with writing():
        audit.record(now, "anne", "something")
        assert not watch.wait(0)
    assert is_seen(watch)


def test_another_thread_s_commit_is_seen(watch, now):
    def write():
        with connected(), writing():
            audit.record(now, "anne", "something")

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert is_seen(watch)


def test_one_transaction_in_another_is_one_commit(watch, now):
    with writing():
        with writing():
            audit.record(now, "anne", "something")
        assert not watch.wait(0)
    assert is_seen(watch)
    assert not watch.wait(0)


def test_a_commit_that_makes_no_work_wakes_nobody_on_postgresql(watch, now):
    with writing(wakes=False):
        audit.record(now, "anne", "something")
    assert watch.wait(0.1) is isinstance(Member._meta.database.obj, SqliteDatabase), "SQLite's version always changes"


def test_what_is_no_database_cannot_be_watched():
    with pytest.raises(TypeError, match="object cannot be watched"):
        commit_watch(object())


def seconds_until_told(watch, now):
    """Seconds of a wait of at most ten, in which somebody commits."""

    def write():
        with connected(), writing():
            audit.record(now, "anne", "something")

    later = threading.Timer(0.02, write)
    began = time.monotonic()
    later.start()
    assert watch.wait(10)
    later.join()
    return time.monotonic() - began


def test_a_commit_ends_the_wait(watch, now):
    assert seconds_until_told(watch, now) < 1
    assert not watch.wait(0.01)


def test_where_the_kernel_does_not_tell_of_writes_the_version_is_looked_at(monkeypatch, database, now):
    monkeypatch.setattr(change_feed, "_watched", lambda file: -1)
    watch = commit_watch(Member._meta.database.obj)
    assert seconds_until_told(watch, now) < 1
    watch.close()


def test_a_quiet_database_is_not_looked_at_while_the_kernel_tells_of_writes(database, monkeypatch):
    if not isinstance(Member._meta.database.obj, SqliteDatabase):
        pytest.skip("PostgreSQL notifies")
    watch = commit_watch(Member._meta.database.obj)
    looks = []
    look = watch._has_changed
    monkeypatch.setattr(watch, "_has_changed", lambda: looks.append(1) or look())
    assert not watch.wait(0.09)
    assert len(looks) == 1
    watch.close()
