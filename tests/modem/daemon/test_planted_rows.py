"""The daemon's own guard: rows that somebody planted in the queue do not leave without end, nor to any number."""

from datetime import timedelta

import pytest

from db.alerts.progress.progress import recipients
from db.models.broadcasts import Message
from db.models.people import Member
from db.operations.incidents import open_incidents
from modem.daemon.policy.pacing import HOUR, HourGuard
from tests.modem.daemon.bench import Bench
from tests.support.people import mobile, order, person

PREMIUM, FRENCH, LANDLINE, SHORT = "+32907012345", "+33612345678", "+3243304000", "8989"


def planted(now, people, **bench):
    """An urgent order to so many people, as whoever holds the console can make one, and a modem that is ready."""
    for number in range(people):
        person(number, now)
    ready = Bench(now, **bench)
    ready.run()
    return ready, order(now)


def incidents():
    return {(card.kind, card.subject) for card in open_incidents()}


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_an_hour_s_ceiling_holds_whatever_stands_in_the_queue(now):
    bench, placed = planted(now, 8, hour_limit=3)
    bench.run()
    assert len(bench.driver.taken) == 3
    assert bench.counts(placed) == {"sent": 3, "queued": 5}
    bench.step()
    assert incidents() == {("guard_ceiling", "box/a")}
    assert bench.worker.idle_s(bench.clock.now) <= 1
    bench.step(3000)
    assert len(bench.driver.taken) == 3
    # nothing is lost: the next hour takes what it may
    bench.step(600)
    bench.run()
    assert len(bench.driver.taken) == 6
    bench.step(3601)
    bench.run()
    assert bench.counts(placed) == {"sent": 8}
    assert incidents() == set()


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_the_ceiling_outlives_a_restart_and_is_the_sim_s(now):
    bench, placed = planted(now, 6, hour_limit=3)
    bench.run()
    again = Bench(bench.clock.now, hour_limit=3)
    again.run()
    assert again.driver.taken == []
    another = Bench(again.clock.now, name="b", imsi="206010000000002", hour_limit=2)
    another.run()
    assert len(another.driver.taken) == 2
    assert another.counts(placed) == {"sent": 5, "queued": 1}


@pytest.mark.usefixtures("database")
def test_a_port_that_was_opened_anew_does_not_forget(now):
    bench, _placed = planted(now, 6, hour_limit=3)
    bench.run()
    Message.update(imsi=None).execute()
    bench.worker.close()
    bench.run()
    bench.step(5)
    bench.run()
    assert len(bench.driver.taken) == 3


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("number", [PREMIUM, FRENCH, LANDLINE, SHORT])
def test_a_forbidden_number_is_refused_with_a_code_and_an_incident(now, number):
    bench, placed = planted(now, 2)
    for table, column in ((Message, Message.msisdn), (Member, Member.mobile)):
        table.update({column: number}).where(column == mobile(0)).execute()
    bench.run()
    assert [part.msisdn for part in bench.driver.taken] == [mobile(1)]
    assert bench.counts(placed) == {"failed": 1, "sent": 1}
    assert {row.reason for row in recipients(placed.id).rows} == {"guard", ""}
    assert incidents() == {("guard_number", "box/a")}
    again = Bench(bench.clock.now)  # a daemon that begins anew knows of nothing wrong
    again.run()
    assert incidents() == set()


def test_the_biggest_alert_passes_as_it_comes(now):
    guard = HourGuard(5000)
    at = now
    for _ in range(4000):  # two parts to 2,000 people over one SIM, as fast as a modem can
        assert not guard.is_full(at)
        guard.took(at)
        at += timedelta(seconds=0.5)


def test_a_clock_that_is_set_back_neither_frees_nor_stops_for_ever(now):
    guard = HourGuard(2)
    guard.took(now + timedelta(days=1))
    guard.took(now + timedelta(days=1))
    assert guard.is_full(now)
    assert guard.wait_s(now) == HOUR.total_seconds()
    assert not guard.is_full(now + HOUR)
