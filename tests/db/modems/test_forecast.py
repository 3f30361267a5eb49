"""The time of the last phone: after ten messages it is at most 30 % wrong, whatever the modem did yesterday."""

import random

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_late, mark_pdu_started, mark_sent, mark_unconfirmed
from db.modems.forecast import USUAL_SECONDS, forecast, seconds_per_part
from db.modems.status import save_modem
from tests.support.people import later, order, person, ready_modem
from tests.support.sampling import sampled

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]

PEOPLE = 40


@pytest.fixture
def modem(now):
    for number in range(PEOPLE):
        person(number, now)
    return ready_modem("a", now)


def attempt(modem, now, seconds, outcome="sent"):
    """Hand one part over, which takes so long; returns when."""
    claim = claim_part(modem, now)
    assert claim is not None
    mark_pdu_started(claim, now)
    ended = later(now, seconds)
    if outcome == "sent":
        mark_sent(claim, claim.part_id % 256, modem, ended)
    else:
        mark_failed(claim, "CMS 38", ended)
    return ended


def alive(modem, now):
    """Its daemon says so, or the forecast would not count on it."""
    ready_modem("a", now, modem.imsi)


def after_ten(modem, now, seconds):
    """(forecast, truth) of an alert's remaining duration, both in seconds; `seconds` yields each message's."""
    placed = order(now)
    for _ in range(10):
        now = attempt(modem, now, next(seconds))
    alive(modem, now)
    expected = (progress(placed.id, now).last_phone_at - now).total_seconds()
    return expected, sum(next(seconds) for _ in range(PEOPLE - 10))


def steady(value):
    while True:
        yield value


def duration_s(found, now):
    return (found.last_phone_at - now).total_seconds()


def test_before_the_first_message_it_takes_the_usual_time(now, modem):
    assert seconds_per_part("a", "box") is None
    assert duration_s(forecast(30, now), now) == 30 * USUAL_SECONDS


def test_a_modem_that_is_slower_today_is_known_after_ten_messages(now, modem):
    order(now)
    for _ in range(PEOPLE):
        now = attempt(modem, now, 0.5)
    alive(modem, later(now, 86_400))
    expected, truth = after_ten(modem, later(now, 86_400), steady(4.0))
    assert expected == pytest.approx(truth, rel=0.01)


@pytest.mark.parametrize("seed", sampled(range(8), 4))
def test_a_modem_that_varies_is_known_within_thirty_percent(now, modem, seed):
    chance = random.Random(seed)
    expected, truth = after_ten(modem, now, iter(lambda: chance.uniform(2, 5), None))
    assert expected == pytest.approx(truth, rel=0.3)


def test_what_fails_costs_time_too(now, modem):
    order(now)
    for number in range(20):
        slow = number % 4 == 0
        now = attempt(modem, now, 9.0 if slow else 2.0, "failed" if slow else "sent")
    # Fifteen are taken in 75 seconds.
    assert seconds_per_part("a", "box") == pytest.approx(5.0)


def test_a_part_that_was_claimed_ahead_counts_from_the_end_of_the_one_before(now, modem):
    order(now)
    first, second = claim_part(modem, now), claim_part(modem, now)
    mark_pdu_started(first, now)
    mark_sent(first, 1, modem, later(now, 3))
    mark_pdu_started(second, later(now, 3))
    mark_sent(second, 2, modem, later(now, 6))
    assert seconds_per_part("a", "box") == pytest.approx(3.0)


def test_an_answer_that_came_late_tells_no_duration(now, modem):
    order(now)
    now = attempt(modem, now, 2.0)
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    mark_unconfirmed(claim, "no_answer", modem, later(now, 2))
    assert mark_late(claim, 9, modem, later(now, 600))
    assert seconds_per_part("a", "box") == pytest.approx(2.0)


def test_two_modems_share_the_rest_by_their_own_pace(now, modem):
    other = ready_modem("b", now, "206010000000002")
    placed = order(now)
    then = beside = now
    for _ in range(12):
        then = attempt(modem, then, 4.0)
    for _ in range(12):
        beside = attempt(other, beside, 1.0)
    found = forecast(PEOPLE - 24, now, own=placed.id)
    assert (found.modems, duration_s(found, now)) == (2, pytest.approx((PEOPLE - 24) / (1 / 4 + 1 / 1)))


def test_pacing_is_slower_than_the_modem(now, modem):
    save_modem("box", "a", {"messages_per_minute": 10}, now)
    assert duration_s(forecast(10, now, urgent=False), now) == pytest.approx(60)
    assert duration_s(forecast(10, now), now) == pytest.approx(10 * USUAL_SECONDS)
