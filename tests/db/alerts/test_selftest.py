"""A modem's self-test in the outbox: one SIM, one number, and nobody's history."""

import pytest

from base.settings.values import SendingSettings
from db.alerts.progress.history import newest
from db.alerts.progress.progress import running
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_released
from db.alerts.queue.recovery import recover
from db.people.audience import Audience
from plp.services.orders.automatic import place_selftest
from rules.refusals import Refusal
from rules.states import LANE_DRILL, LANE_URGENT
from tests.support.people import LONG, Text, later, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

OWN = mobile(777)
A, B = "206010000000001", "206010000000002"


@pytest.fixture
def a(now):
    return ready_modem("a", now, A)


@pytest.fixture
def b(now):
    return ready_modem("b", now, B)


def test_only_the_tested_sim_may_send_it(now, a, b):
    test = place_selftest(OWN, A, Text(), "tech", now)
    assert claim_part(b, now) is None
    claim = claim_part(a, now)
    assert (claim.msisdn, claim.broadcast_id) == (OWN, test)


@pytest.mark.parametrize("how", ["released", "restart"])
def test_a_released_one_stays_with_its_sim(now, a, b, how):
    place_selftest(OWN, A, Text(), "tech", now)
    claim = claim_part(a, now)
    if how == "released":
        mark_released(claim, "modem_lost", now)
    else:
        recover(now, later(now, 1) - now)
    assert claim_part(b, now) is None
    assert claim_part(a, now) is not None


def test_anybody_elses_message_may_still_change_sims(now, a, b):
    person(1, now)
    order(now)
    mark_released(claim_part(a, now), "modem_lost", now)
    assert claim_part(b, now) is not None


def test_it_overtakes_normal_work_and_no_alert(now, a):
    person(1, now)
    order(now, kind="welcome", priority="normal")
    test = place_selftest(OWN, A, Text(), "tech", now)
    order(now, text=Text("Autre"), kind="alert")
    assert claim_part(a, now, LANE_URGENT).lane == LANE_URGENT
    assert claim_part(a, now, LANE_DRILL).broadcast_id == test


def test_nobody_sees_it_among_the_alerts_and_no_ceiling_counts_it(now, a):
    person(1, now)
    place_selftest(OWN, A, Text(), "tech", now)
    assert newest(50, now) == []
    assert running(now) == []
    order(now, sending=SendingSettings(undo_seconds=0, hourly_ceiling=1))


def test_a_number_of_nobody_gets_nothing_else(now, a):
    with pytest.raises(Refusal):
        order(now, audience=Audience(numbers=(OWN,)))


@pytest.mark.parametrize("number", ["101", "+3243304000", "0470000777", "+33612345678", ""])
def test_only_a_belgian_mobile(now, number):
    with pytest.raises(Refusal):
        place_selftest(number, A, Text(), "tech", now)


def test_only_one_part(now):
    with pytest.raises(Refusal):
        place_selftest(OWN, A, LONG, "tech", now)
