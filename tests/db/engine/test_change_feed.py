"""A commit of anybody is noticed, and nothing else is."""

import threading

import pytest

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
    """PostgreSQL tells it a moment later."""
    return any(watch.changed() for _ in range(1000))


def test_a_commit_is_seen_once(watch, now):
    assert not watch.changed()
    with writing():
        audit.record(now, "anne", "something")
    assert is_seen(watch)
    assert not watch.changed()
    assert Member.select().count() == 0
    assert not watch.changed()


def test_what_is_not_committed_is_not_seen(watch, now):
    with writing():
        audit.record(now, "anne", "something")
        assert not watch.changed()
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
        assert not watch.changed()
    assert is_seen(watch)
    assert not watch.changed()


def test_what_is_no_database_cannot_be_watched():
    with pytest.raises(TypeError, match="object cannot be watched"):
        commit_watch(object())
