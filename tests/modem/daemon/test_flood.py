"""A modem that says more than a network sends costs itself its place, and the others nothing."""

import pytest

from modem.daemon.worker import hearing
from modem.driver.base.interface import PortLost
from modem.sms.message import StatusReport
from tests.modem.daemon.bench import Bench
from tests.support.people import mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


def test_a_modem_that_floods_waits_longer_each_time_and_the_page_says_why(ready):
    ready.driver.events = [PortLost(flooded=True)]
    ready.step()
    card = ready.card()
    assert (card.state, card.told.code) == ("faulty", "flooded")
    opened = ready.driver.closed
    ready.step(0.5)
    assert (ready.card().state, ready.driver.closed) == ("faulty", opened), "an absent port is tried twice a second"


def test_another_modem_sends_beside_one_that_floods(ready, now):
    other = Bench(now, "b", "206010000000002")
    other.run()
    person(1, now)
    placed = order(now)
    ready.driver.events = [PortLost(flooded=True)]
    ready.step()
    other.run()
    assert other.counts(placed) == {"sent": 1}


def test_many_reports_are_written_in_several_turns(ready, now, monkeypatch):
    monkeypatch.setattr(hearing, "AT_ONCE", 2)
    for number in range(5):
        person(number, now)
    placed = order(now)
    ready.run()
    turns = []
    monkeypatch.setattr(
        hearing, "apply_reports", lambda reports, at, write=hearing.apply_reports: turns.append(write(reports, at))
    )
    ready.driver.events = [StatusReport(index + 1, mobile(index), now, 0) for index in range(5)]
    ready.step()
    assert (ready.counts(placed), len(turns)) == ({"delivered": 5}, 3)
