"""The breaker: distinct recipients are evidence, a dead number that is tried again is none."""

from datetime import timedelta

import pytest

from modem.service.breaker import PAUSES, Breaker
from tests.db.house import mobile


@pytest.fixture
def breaker():
    return Breaker()


def fail(breaker, now, *numbers):
    for number in numbers:
        breaker.failed(mobile(number), now)


def test_three_recipients_in_a_row_trip_it(breaker, now):
    fail(breaker, now, 1, 2)
    assert breaker.state == "closed"
    fail(breaker, now, 3)
    assert breaker.state == "check"
    assert not breaker.allows(now)
    breaker.healthy()
    assert breaker.state == "test"
    assert breaker.allows(now)
    breaker.succeeded()
    assert breaker.state == "closed"


def test_one_recipient_three_times_does_not(breaker, now):
    fail(breaker, now, 1, 1, 1, 2, 2)
    assert breaker.state == "closed"


def test_five_of_the_last_ten_trip_it(breaker, now):
    for number in range(4):
        fail(breaker, now, number)
        breaker.succeeded()
    assert breaker.state == "closed"
    fail(breaker, now, 9)
    assert breaker.state == "check"


def test_what_is_over_counts_no_more(breaker, now):
    fail(breaker, now, 1, 2, 3)
    breaker.healthy()
    breaker.succeeded()
    fail(breaker, now, 4, 5)
    breaker.succeeded()
    assert breaker.state == "closed"


def test_five_of_more_than_ten_do_not(breaker, now):
    for number in range(20):
        fail(breaker, now, number)
        breaker.succeeded()
        breaker.succeeded()
    assert breaker.state == "closed"


def test_a_test_that_fails_makes_it_wait_longer_each_time(breaker, now):
    fail(breaker, now, 1, 2, 3)
    for pause in (*PAUSES, PAUSES[-1]):
        breaker.healthy()
        fail(breaker, now, 4)
        assert breaker.state == "test"  # it may be a dead number too
        fail(breaker, now, 5)
        assert breaker.state == "open"
        assert not breaker.allows(now + pause - timedelta(seconds=1))
        now += pause
        assert not breaker.allows(now)  # the health check comes first
        assert breaker.state == "check"
    breaker.healthy()
    breaker.succeeded()
    fail(breaker, now, 1, 2, 3)
    breaker.healthy()
    fail(breaker, now, 4, 5)
    assert breaker.until == now + PAUSES[0]


def test_a_clock_that_is_set_back_does_not_keep_it_open(breaker, now):
    fail(breaker, now, 1, 2, 3)
    breaker.healthy()
    fail(breaker, now, 4, 5)
    breaker.allows(now - timedelta(days=1))
    assert breaker.state == "check"


def test_a_success_in_between_forgives(breaker, now):
    fail(breaker, now, 1, 2)
    breaker.succeeded()
    fail(breaker, now, 3, 4)
    assert breaker.state == "closed"
