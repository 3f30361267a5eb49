"""Whose late receipt it is: the modem's count tells, and a doubt stays a doubt."""

from datetime import UTC, datetime

from db.outbox import Claim
from modem.service.unanswered import Unanswered


def claim(number):
    return Claim(number, number, number, 1, 0, "", "", "gsm7", 1, 1, 0, 0, "", datetime(2026, 11, 24, tzinfo=UTC))


def test_the_only_one_that_was_given_up():
    unanswered = Unanswered()
    unanswered.gave_up(claim(1))
    assert unanswered.owner(17) == claim(1)
    assert unanswered.owner(17) is None


def test_the_count_tells_two_apart_in_any_order_and_wraps():
    unanswered = Unanswered()
    unanswered.answered(254)
    unanswered.gave_up(claim(1))
    unanswered.gave_up(claim(2))
    assert unanswered.owner(0) == claim(2)
    assert unanswered.owner(255) == claim(1)


def test_an_answer_in_between_counts_too():
    unanswered = Unanswered()
    unanswered.answered(5)
    unanswered.gave_up(claim(1))
    unanswered.answered(7)
    unanswered.gave_up(claim(2))
    assert unanswered.owner(8) == claim(2)


def test_two_that_cannot_be_told_apart_stay_unconfirmed():
    unanswered = Unanswered()
    unanswered.gave_up(claim(1))
    unanswered.gave_up(claim(2))
    assert unanswered.owner(9) is None
    unanswered.answered(30)
    unanswered.gave_up(claim(3))
    assert unanswered.owner(77) is None


def test_a_closed_port_ends_it():
    unanswered = Unanswered()
    unanswered.gave_up(claim(1))
    unanswered.forget()
    assert unanswered.owner(1) is None
