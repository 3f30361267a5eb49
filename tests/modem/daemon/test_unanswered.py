"""Whose late receipt it is: the driver's number tells, for as long as the port is open."""

from datetime import UTC, datetime

import pytest

from db.alerts.values import Claim
from modem.daemon.worker.unanswered import Unanswered


def claim(number):
    return Claim(number, number, number, 1, 0, "", "", "gsm7", 1, 1, 0, 0, "", datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def unanswered():
    given_up = Unanswered()
    for number in (3, 4):
        given_up.gave_up(number, claim(number))
    return given_up


def test_each_receipt_finds_its_submit_once(unanswered):
    assert unanswered.take(4) == claim(4)
    assert unanswered.take(4) is None
    assert unanswered.take(3) == claim(3)
    assert unanswered.take(5) is None


def test_a_closed_port_ends_it(unanswered):
    unanswered.forget()
    assert unanswered.take(3) is None


def test_a_submit_without_a_number_waits_for_a_report(unanswered):
    unanswered.gave_up(None, claim(9))
    assert unanswered.take(3) == claim(3)


def test_old_ones_are_forgotten(unanswered):
    for number in range(5, 40):
        unanswered.gave_up(number, claim(number))
    assert unanswered.take(3) is None
    assert unanswered.take(39) == claim(39)
