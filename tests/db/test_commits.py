"""A commit of anybody is noticed, and nothing else is."""

import threading

import pytest

from db import audit
from db.commits import CommitWatch
from db.connection import connected, writing
from db.models import Member


@pytest.fixture
def watch(database):
    made = CommitWatch(Member._meta.database.obj)
    yield made
    made.close()


def test_a_commit_is_seen_once(watch, now):
    assert not watch.changed()
    audit.record(now, "anne", "something")
    assert watch.changed()
    assert not watch.changed()
    assert Member.select().count() == 0
    assert not watch.changed()


def test_what_is_not_committed_is_not_seen(watch, now):
    with writing():
        audit.record(now, "anne", "something")
        assert not watch.changed()
    assert watch.changed()


def test_another_thread_s_commit_is_seen(watch, now):
    def write():
        with connected():
            audit.record(now, "anne", "something")

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert watch.changed()


def test_only_sqlite_has_a_version_to_watch():
    with pytest.raises(TypeError, match="only SQLite"):
        CommitWatch(object())
