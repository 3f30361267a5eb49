"""Which process is missing, as every host sees it: one that died, or was ended while others of its host live."""

from datetime import timedelta

import pytest

from db.models.zone import Heartbeat
from db.modems.readiness import GONE, MISSED, is_running, known_processes, missing, readiness
from db.modems.status import beat, stop_beating
from tests.support.people import later, ready_modem

pytestmark = pytest.mark.usefixtures("database")
PROCESSES = ("console", "modem", "jobs")


def all_beat(now, host="box", *, but=()):
    for process in PROCESSES:
        if process not in but:
            beat(host, process, 1, now)


def gone(now):
    return [(other.host, other.process) for other in missing(now)]


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("stopped", [False, True])
def test_each_is_missed_within_a_minute_killed_or_stopped(process, stopped, now):
    all_beat(now)
    if stopped:
        stop_beating("box", process, now)
    almost, at = now + GONE - timedelta(seconds=1), later(now, 60)
    all_beat(almost, but=[process])
    assert gone(almost) == []
    all_beat(at, but=[process])
    assert gone(at) == [("box", process)]
    assert not is_running(process, at)
    beat("box", process, 2, at)
    assert gone(at) == []


def test_a_host_that_was_switched_off_as_it_should_be_is_not_missed(now):
    all_beat(now)
    all_beat(now, "mill")
    for process in PROCESSES:
        stop_beating("mill", process, now)
    at = later(now, 3600)
    all_beat(at)
    assert gone(at) == []


def test_a_host_that_died_is_missed_for_a_week_and_one_process_that_somebody_ended_too(now):
    all_beat(now)
    all_beat(now, "mill")
    stop_beating("box", "console", now)
    at = now + MISSED - timedelta(seconds=1)
    all_beat(at, but=["console"])
    assert gone(at) == [("box", "console"), *(("mill", process) for process in sorted(PROCESSES))]
    later_on = now + MISSED + timedelta(seconds=1)
    all_beat(later_on, but=["console"])
    assert gone(later_on) == []
    assert ("mill", "jobs") not in known_processes(later_on)


def test_a_process_that_died_is_missed_as_long_as_its_host_lives(now):
    all_beat(now)
    for days in range(1, 30):
        all_beat(now + timedelta(days=days), but=["jobs"])
    assert gone(now + timedelta(days=29)) == [("box", "jobs")]


def test_readiness_names_it_and_says_nothing_twice(now):
    ready_modem("a", now)
    all_beat(now)
    at = later(now, 60)
    all_beat(at, but=["jobs"])
    judged = readiness(at)
    assert judged.ready
    assert "Les SMS d'alerte sont envoyés." in str(judged.told())
    assert str(judged.told()).endswith("À l'arrêt : tâches automatiques (box).")
    assert judged.told() != judged.sentence
    beat("box", "jobs", 1, at)
    beat("box", "console", 1, later(at, 60))
    silent = readiness(later(at, 60))
    assert not silent.ready
    assert "service des modems (box)" not in str(silent.told())
    assert "tâches automatiques (box)" in str(silent.told())


def test_a_late_sign_of_life_does_not_revive_a_process_that_ended(database, now):
    beat("box", "console", 7, now)
    stop_beating("box", "console", later(now, 5))
    beat("box", "console", 7, later(now, 4))
    assert Heartbeat.get().ended_at == later(now, 5)
    beat("box", "console", 8, later(now, 3))  # begun anew, after the clock was set back
    assert Heartbeat.get().ended_at is None
    stop_beating("box", "console", later(now, 6))
    beat("box", "console", 8, later(now, 7))
    assert (Heartbeat.get().ended_at, Heartbeat.get().seen_at) == (None, later(now, 7))
