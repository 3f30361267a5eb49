"""Errands: each on its own, begun anew when it fails, ended with the process."""

import logging
import threading

import pytest

from base.settings.values import Settings
from db.models.zone import Zone
from plp.jobs import scheduler
from plp.jobs.scheduler import running
from tests.support.people import SENDING

pytestmark = pytest.mark.usefixtures("database")

SETTINGS = Settings(path=None, folder=None, sending=SENDING)


def test_one_that_waits_keeps_nobody_and_one_that_fails_begins_anew(monkeypatch, caplog):
    monkeypatch.setattr(scheduler, "AGAIN_AFTER_S", 0.001)
    stop, done, tries = threading.Event(), threading.Event(), []

    def waits(_settings, stop):
        stop.wait()

    def fails(_settings, _stop):
        tries.append(Zone.select().count())  # on a connection of this thread
        if len(tries) < 3:
            raise scheduler.UNAVAILABLE[0]("gone") if len(tries) == 1 else ValueError("a defect")
        done.set()
        stop.wait()

    with running([("waits", waits), ("fails", fails)], SETTINGS, stop):
        assert done.wait(30)
    assert stop.is_set()
    assert tries == [1, 1, 1]
    assert "the database is away; fails waits" in caplog.text
    assert "fails failed, and begins anew" in caplog.text
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("jobs-")] == []


def test_one_that_does_not_end_is_told_and_left(monkeypatch, caplog):
    monkeypatch.setattr(scheduler, "END_WITHIN_S", 0.005)
    enough = threading.Event()
    with running([("deaf", lambda _settings, _stop: enough.wait() and None)], SETTINGS, threading.Event()):
        pass
    assert "jobs-deaf did not end in time" in caplog.text
    enough.set()
    for thread in threading.enumerate():
        if thread.name == "jobs-deaf":
            thread.join(30)


def test_a_step_that_fails_keeps_no_other_from_its_work(monkeypatch, now, caplog):
    did = []

    def broken(_settings, _now):
        raise ValueError("a defect")

    monkeypatch.setattr(
        scheduler, "STEPS", (("broken", broken), ("whole", lambda _settings, _now: bool(did.append(1)) or True))
    )
    assert scheduler.step(SETTINGS, now)
    assert did == [1]
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == ["broken failed"]


def test_a_database_that_is_away_is_not_taken_for_a_defect(monkeypatch, now):
    def away(_settings, _now):
        raise scheduler.UNAVAILABLE[0]("gone")

    monkeypatch.setattr(scheduler, "STEPS", (("away", away),))
    with pytest.raises(scheduler.UNAVAILABLE):
        scheduler.step(SETTINGS, now)
