"""A member keeps the SIM that they know, unless it is down or urgent work would end sooner elsewhere."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.modems import status
from db.modems.budgets import AWAY_AT_MOST, apply_configured
from db.people.audience import Audience
from rules.orders.budgets import Limits
from tests.support.budgets import send_all
from tests.support.people import Text, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"


@pytest.fixture
def pair(now):
    """People 0 and 1 know SIM A, people 2 and 3 SIM B."""
    for number in range(4):
        person(number, now)
    both = ready_modem("a", now, A), ready_modem("b", now, B)
    order(now)
    assert send_all(both[0], now, at_most=2) == [mobile(0), mobile(1)]
    assert send_all(both[1], now) == [mobile(2), mobile(3)]
    return both


def test_normal_work_stays(pair, now):
    a, b = pair
    order(now, priority="normal", again=True)
    assert send_all(b, now) == [mobile(2), mobile(3)]
    assert send_all(a, now) == [mobile(0), mobile(1)]


def test_who_knows_no_sim_yet_goes_anywhere(pair, now):
    person(4, now)
    order(now, priority="normal")
    assert send_all(pair[1], now) == [mobile(2), mobile(3), mobile(4)]


def test_later_broadcasts_are_not_held_up_by_one_that_waits_for_another_sim(pair, now):
    order(now, priority="normal", audience=Audience(numbers=(mobile(0),)))
    order(now, priority="normal", audience=Audience(numbers=(mobile(2),)), text=Text("Autre.", "gsm7", ("Autre.",)))
    assert send_all(pair[1], now) == [mobile(2)]


def test_urgent_work_prefers_the_own_sim_and_then_takes_what_is_left(pair, now):
    a, b = pair
    order(now, again=True)
    after = now + timedelta(seconds=1)  # in one moment both cards would have sent last, and either might be theirs
    assert send_all(b, after) == [mobile(2), mobile(3), mobile(0), mobile(1)]
    assert claim_part(a, after) is None
    order(after, priority="normal", again=True)
    assert send_all(a, after) == [], "they know B now"


@pytest.mark.parametrize("state", ["suspended", "no_sim", "out_of_service", "quarantined", "faulty"])
def test_a_sim_that_is_down_gives_its_members_away_at_once(pair, now, state):
    status.save_modem("box", "a", {"state": state}, now)
    order(now, priority="normal", again=True)
    assert send_all(pair[1], now) == [mobile(n) for n in range(4)]


def test_a_modem_that_was_pulled_out_is_waited_for(pair, now):
    status.save_modem("box", "a", {"state": "absent"}, now)
    order(now, priority="normal", again=True)
    assert send_all(pair[1], now) == [mobile(2), mobile(3)]
    assert send_all(pair[1], now + AWAY_AT_MOST) == [mobile(0), mobile(1)]


def test_a_sim_whose_budget_is_used_up_gives_its_members_away(pair, now):
    apply_configured(A, "box", "a", Limits(day=2))
    order(now, priority="normal", again=True)
    assert send_all(pair[1], now) == [mobile(n) for n in range(4)]


def test_the_last_sim_is_the_one_they_know(pair, now):
    late = now + timedelta(days=40)
    ready_modem("a", late, A)
    order(late, again=True)
    send_all(pair[0], late)
    order(late, priority="normal", again=True)
    ready_modem("b", late, B)
    assert send_all(pair[1], late) == []
