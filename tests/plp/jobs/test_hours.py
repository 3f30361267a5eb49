"""What has its hour is looked at until told to stop, and each on its own."""

import threading
from datetime import timedelta

import pytest

from db.engine.connection import UNAVAILABLE
from db.operations.machine import note_time
from plp.jobs.scheduler import BACKUPS, DUTIES, STEPS, by_date, do_each, keep_looking
from rules.refusals import Refusal


def test_one_that_fails_keeps_no_other_from_its_work(now, caplog):
    done = []

    def refuse(_settings, _now):
        raise Refusal("Pas maintenant.")

    def fail(_settings, _now):
        raise ValueError("nonsense")

    do_each((("first", refuse), ("second", fail), ("third", lambda _settings, at: bool(done.append(at)))), None, now)
    assert done == [now]
    assert "first: Pas maintenant." in caplog.text
    assert "second failed" in caplog.text


def test_a_database_that_is_away_is_not_taken_for_a_defect(now):
    def away(_settings, _now):
        raise UNAVAILABLE[0]("disk I/O error")

    with pytest.raises(UNAVAILABLE):
        do_each((("daily", away),), None, now)


def test_it_ends_when_told():
    stop, looked = threading.Event(), []

    def once(_settings, at):
        looked.append(at)
        stop.set()
        return False

    keep_looking((("daily", once),), 20.0, None, stop)
    assert len(looked) == 1


def test_what_goes_by_the_date_waits_while_the_clock_is_behind_and_goes_on_by_itself(database, now):
    done = []
    duty = by_date(lambda _settings, at: done.append(at) or True)
    assert duty(None, now)
    note_time(now)
    assert not duty(None, now - timedelta(days=30))
    assert duty(None, now + timedelta(minutes=1))
    assert done == [now, now + timedelta(minutes=1)]


def test_nothing_is_forgotten_backed_up_exported_or_sent_as_planned_at_a_wrong_date(database, now):
    note_time(now + timedelta(days=30))
    waiting = {name for name, do in (*DUTIES, *BACKUPS, *STEPS) if do.__qualname__.startswith("by_date")}
    assert waiting == {
        "proof of life", "plan B", "retention", "disk", "journal", "daily", "dead numbers", "renewal", "backup",
        "backup drill", "planned",
    }  # fmt: skip
    for _name, do in (*DUTIES, *BACKUPS, *STEPS):
        if do.__qualname__.startswith("by_date"):
            assert not do(None, now)
