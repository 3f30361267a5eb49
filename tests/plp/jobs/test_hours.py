"""What has its hour is looked at until told to stop, and each on its own."""

import threading

import pytest

from db.engine.connection import UNAVAILABLE
from plp.jobs.scheduler import hours
from plp.rules.refusals import Refusal


def test_one_that_fails_keeps_no_other_from_its_work(monkeypatch, now, caplog):
    done = []

    def refuse(_settings, _now):
        raise Refusal("Pas maintenant.")

    def fail(_settings, _now):
        raise ValueError("nonsense")

    monkeypatch.setattr(
        hours, "DUTIES", (("first", refuse), ("second", fail), ("third", lambda _settings, at: done.append(at)))
    )
    hours.look(None, now)
    assert done == [now]
    assert "first: Pas maintenant." in caplog.text
    assert "second failed" in caplog.text


def test_a_database_that_is_away_is_not_taken_for_a_defect(monkeypatch, now):
    def away(_settings, _now):
        raise UNAVAILABLE[0]("disk I/O error")

    monkeypatch.setattr(hours, "DUTIES", (("daily", away),))
    with pytest.raises(UNAVAILABLE):
        hours.look(None, now)


def test_it_ends_when_told(monkeypatch):
    stop, looked = threading.Event(), []

    def once(_settings, at):
        looked.append(at)
        stop.set()

    monkeypatch.setattr(hours, "DUTIES", (("daily", once),))
    hours.keep_hours(None, stop)
    assert len(looked) == 1
