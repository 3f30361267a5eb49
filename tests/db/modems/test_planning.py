"""An urgent order that would pass a SIM's budget asks for a reason first."""

import pytest

from db.alerts.orders import enqueue
from db.alerts.values import FollowUpOrder
from db.engine.base import database
from db.modems import budgets
from db.modems.budgets import apply_configured, passed, shares_of
from db.people.audience import Audience
from plp.services.orders import following_up
from plp.services.orders import planning as order_plans
from rules.orders.budgets import Limits
from rules.refusals import OverBudget
from tests.support.budgets import people, planned, send_all
from tests.support.people import LONG, Text, mobile, order, pause_broadcast, person, place_follow_up, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"
OTHER = Text("Autre.", "gsm7", ("Autre.",))


@pytest.fixture
def modem(now):
    people(4, now)
    return ready_modem("a", now, A)


def limited(imsi=A, **limits):
    apply_configured(imsi, "box", "a", Limits(**limits))


def test_the_refusal_names_the_sim_the_budget_and_the_excess(now, modem):
    limited(recipients=3)
    with pytest.raises(OverBudget) as refused:
        order(now)
    assert str(refused.value) == (
        "La carte SIM du modem a (IMSI …0001) passerait à 4 destinataires différents ce mois-ci ; "
        "son plafond est de 3, soit 1 de trop. Indiquez un motif pour le dépasser."
    )
    assert order(now, override_reason="vie en danger").recipients == 4


@pytest.mark.parametrize(("limits", "what"), [({"day": 11}, "aujourd'hui"), ({"month": 11}, "SMS ce mois-ci")])
def test_parts_count(now, modem, limits, what):
    limited(**limits)
    with pytest.raises(OverBudget, match=f"12 .*{what} .*1 de trop"):
        order(now, text=LONG)
    assert order(now).recipients == 4


def test_people_that_the_sim_met_this_month_use_nothing_up(now, modem):
    limited(recipients=4)
    order(now)
    send_all(modem, now)
    assert order(now, again=True).recipients == 4


def test_what_an_earlier_alert_will_still_use_counts(now, modem):
    limited(day=7)
    order(now)
    with pytest.raises(OverBudget, match="8 SMS"):
        order(now, text=OTHER)


def test_so_does_one_that_somebody_paused(now, modem):
    limited(day=7)
    pause_broadcast(order(now).id, "test", now)
    with pytest.raises(OverBudget, match="8 SMS"):
        order(now, text=OTHER)


def test_a_plan_counts_what_was_ordered_since_it_was_made(now, modem):
    limited(day=7)
    shares = shares_of([mobile(n) for n in range(4)], 1, now)
    assert passed(shares, now) == []
    order(now)
    assert [(p.total, p.excess) for p in passed(shares, now)] == [(8, 1)]


def test_two_sims_share_and_each_counts_for_itself(now, modem):
    other = ready_modem("b", now, B)
    limited(B, recipients=2)
    assert [(p.modem, p.total, p.excess) for p in planned([mobile(n) for n in range(4)], 1, now)] == [("b", 2, 0)]
    order(now)
    assert len(send_all(other, now)) == 2, "at its budget, it leaves the others to A"
    assert len(send_all(modem, now)) == 2
    person(4, now)
    person(5, now)
    # Two know B, and cost it nothing; the new ones are for A, which has no limits.
    assert planned([mobile(n) for n in range(6)], 1, now) == []
    assert order(now, text=OTHER).recipients == 6


def test_a_small_sim_beside_one_without_limits_asks_for_no_reason(now):
    people(39, now)
    small, other = ready_modem("a", now, A), ready_modem("b", now, B)
    limited(recipients=10)
    numbers = [mobile(n) for n in range(39)]
    assert [(share.parts, share.new) for share in shares_of(numbers, 1, now)] == [(10, 10), (29, 29)]
    assert [(p.modem, p.total, p.excess) for p in planned(numbers, 1, now)] == [("a", 10, 0)]
    order(now)
    assert len(send_all(small, now)) == 10
    assert len(send_all(other, now)) == 29
    assert order(now, text=OTHER).recipients == 39, "whom both met costs nothing"
    assert len(send_all(small, now)) == 10


def test_a_sim_at_its_budget_goes_beyond_it_where_no_other_can_send(now, modem):
    limited(recipients=1)
    order(now, override_reason="vie en danger")
    assert len(send_all(modem, now)) == 4


def test_a_sim_at_its_budget_finishes_what_it_began(now, modem):
    ready_modem("b", now, B)
    limited(day=3)
    order(now, text=LONG)
    assert send_all(modem, now) == [mobile(0)] * 3
    order(now, text=OTHER)
    assert send_all(modem, now) == []


def test_normal_work_is_taken_and_waits(now, modem):
    limited(day=1)
    assert order(now, priority="normal").recipients == 4
    assert order(now, kind="welcome", priority="normal", text=OTHER).recipients == 4


def test_a_drill_asks_too(now, modem):
    limited(day=1)
    with pytest.raises(OverBudget):
        order(now, kind="drill")


def test_near_the_limit_is_told_from_four_fifths_on(now, modem):
    limited(day=5)
    numbers = [mobile(n) for n in range(4)]
    assert [(p.kind, p.total, p.limit) for p in planned(numbers, 1, now)] == [("day", 4, 5)]
    assert planned(numbers[:3], 1, now) == []


def test_without_limits_nobody_is_looked_at(now, modem):
    assert planned([mobile(1)], 10_000, now) == []
    assert order(now, audience=Audience(numbers=(mobile(1),))).recipients == 1


def test_nothing_looks_at_every_person_while_the_order_holds_the_database(now, modem, monkeypatch):
    limited(recipients=100)
    looked = []

    def outside(module, name):
        looks = getattr(module, name)

        def watched(*args, **named):
            looked.append((name, database.transaction_depth()))
            return looks(*args, **named)

        monkeypatch.setattr(module, name, watched)

    outside(budgets, "_known")
    outside(enqueue, "mark_of")
    for module in (order_plans, following_up):
        outside(module, "used")
    alert = order(now)
    send_all(modem, now)
    place_follow_up(FollowUpOrder(alert.id, "end", "test"), OTHER, now)
    assert {name for name, _depth in looked} == {"_known", "mark_of", "used"}
    assert {depth for _name, depth in looked} == {0}
