"""Two workers, and what comes between a claim and its submit: pause, stop, deadline, an alert."""

import pytest

from tests.modem.daemon.bench import Bench
from tests.support.people import Text, cancel_broadcast, mobile, order, pause_broadcast, person, resume_broadcast

pytestmark = pytest.mark.usefixtures("database")

ALERT = Text("Alerte.", "gsm7", ("Alerte.",))


@pytest.fixture
def pair(now):
    """Two modems that have each sent one part of a normal broadcast and hold the next one."""
    both = [Bench(now), Bench(now, name="b", imsi="206010000000002")]
    for bench in both:
        bench.run()
    for number in range(8):
        person(number, now)
    placed = order(now, priority="normal")
    for bench in both:
        assert bench.step()
        assert len(bench.driver.taken) == 1
    return placed, both


def sent(both):
    return [len(bench.driver.taken) for bench in both]


def test_a_pause_holds_on_both_at_once_and_everything_goes_out_once_afterwards(pair, now):
    placed, both = pair
    pause_broadcast(placed.id, "test", now)
    for bench in both:
        bench.run()
    assert sent(both) == [1, 1]
    assert both[0].counts(placed) == {"queued": 6, "sent": 2}
    resume_broadcast(placed.id, "test", now)
    for bench in both:
        bench.run()
    assert sorted(part.msisdn for bench in both for part in bench.driver.taken) == [mobile(n) for n in range(8)]


def test_a_stop_holds_on_both_at_once(pair, now):
    placed, both = pair
    cancel_broadcast(placed.id, "test", now)
    for bench in both:
        bench.run()
    assert sent(both) == [1, 1]
    assert both[0].counts(placed) == {"sent": 2, "cancelled": 6}


def test_nothing_goes_out_after_the_deadline(pair):
    _, both = pair
    for bench in both:
        bench.step(24 * 3600)
    assert sent(both) == [1, 1]


def test_an_alert_goes_before_what_was_claimed(pair, now):
    placed, both = pair
    order(now, text=ALERT)
    for bench in both:
        for _ in range(3):
            bench.step()
        assert [part.text for part in bench.driver.taken[1:]] == ["Alerte."] * 3
    for bench in both:
        bench.run()
    assert both[0].counts(placed) == {"sent": 8}


def test_a_pause_while_the_link_is_opened_is_seen(now):
    bench = Bench(now)
    bench.run()
    person(1, now)
    placed = order(now)
    opened = bench.driver.hold_link

    def slow(hold):
        opened(hold)
        if hold:
            pause_broadcast(placed.id, "test", now)

    bench.driver.hold_link = slow
    bench.run()
    assert bench.driver.taken == []
    assert bench.driver.holds == [True, False]
    assert bench.counts(placed) == {"queued": 1}


def test_the_configured_budget_holds_for_the_card_and_urgent_work_passes_it(now):
    bench = Bench(now, day_limit=2)
    bench.run()
    for number in range(3):
        person(number, now)
    placed = order(now, priority="normal")
    bench.run()
    assert bench.counts(placed) == {"sent": 2, "queued": 1}
    alert = order(now, text=ALERT, override_reason="vie en danger")
    bench.run()
    assert bench.counts(alert) == {"sent": 3}
