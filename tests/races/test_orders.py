"""Two orders at one moment: wherever the first is between its look for the other and its COMMIT, the second sees it."""

import time
from functools import partial

import pytest

from base.settings.values import SendingSettings
from db.alerts.orders.earlier import newest_order
from db.modems.budgets import apply_configured
from db.people.audience import Audience
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.zone import save_policy
from rules.orders.agreement import SHARED_PEOPLE
from rules.orders.budgets import Limits
from rules.refusals import Duplicate, OverBudget, OverLimit, Overtaken, Refusal
from tests.support.people import mobile, order, person
from tests.support.races import BEGIN, COMMIT, race, stage, stops_at

pytestmark = pytest.mark.usefixtures("three_members")

# After the other one was looked for, before the insert; between check and COMMIT; begun, with no message written yet;
# messages written; these committed; between becoming visible and COMMIT.
INSERT, MESSAGES, VISIBLE = 'INSERT INTO "broadcast" ', 'INSERT INTO "message" ', 'UPDATE "broadcast" SET "stage"'
BEGUN = (INSERT, BEGIN)
POINTS = [(INSERT,), (INSERT, COMMIT), BEGUN, (MESSAGES, COMMIT), (MESSAGES, BEGIN), (VISIBLE, COMMIT)]
LOW = SendingSettings(undo_seconds=0, hourly_ceiling=5)


@pytest.fixture
def three_members(modem, now):
    for number in range(3):
        person(number, now)


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ({}, Duplicate),  # one text to the same people
        ({"again": True, "sending": LOW}, OverLimit),  # each below the ceiling, together over it
        ({"again": True, "seen": 0}, Overtaken),  # each read the page before the other ordered
    ],
)
def test_the_second_sees_the_first(now, at, how, refusal):
    placed, refused = race(partial(order, now, **how), at, partial(order, now, **how))
    assert not isinstance(placed, Exception), placed
    assert isinstance(refused, refusal), refused
    assert newest_order() == 1


@pytest.mark.parametrize("at", POINTS)
def test_two_orders_do_not_pass_a_budget_together(now, at):
    """The second is planned before it sees the first: only when it is admitted is it too much."""
    apply_configured("206010000000001", "box", "a", Limits(day=5))
    placed, refused = race(partial(order, now), at, partial(order, now, again=True))
    assert not isinstance(placed, Exception), placed
    assert isinstance(refused, OverBudget), refused


@pytest.mark.parametrize("at", POINTS)
def test_two_tests_do_not_reach_more_telephones_together_than_a_day_may(now, at):
    for number in range(3, SHARED_PEOPLE + 1):
        person(number, now)
    tests = [
        partial(order, now, kind="test", audience=Audience(numbers=(mobile(n),))) for n in range(SHARED_PEOPLE + 1)
    ]
    *earlier, one, other = tests
    for test in earlier:
        test()
    placed, refused = race(one, at, other)
    assert not isinstance(placed, Exception), placed
    assert isinstance(refused, Refusal), refused


@pytest.mark.parametrize("at", POINTS)
def test_two_drills_do_not_reach_more_people_together_than_one_may_alone(now, at):
    for name in ("Anne", "Benoît"):
        add_account(name, ["officer"], "quatre mots faciles à retenir", "test", now)
    save_policy(Policy(approval="second"), "test", now)
    for number in range(3, 12):
        person(number, now)
    audiences = (Audience(numbers=tuple(map(mobile, some))) for some in (range(6), range(6, 12)))
    drill, other = (partial(order, now, kind="drill", audience=whom) for whom in audiences)
    placed, beside = race(drill, at, other)
    assert placed.state == "queued", placed
    # Refused, or, where it is planned once it sees the people of the other, left to a second person.
    assert isinstance(beside, Refusal) or beside.state == "awaiting_approval", beside


@pytest.mark.parametrize("at", POINTS)
def test_a_second_press_gets_the_order_that_the_first_still_writes(now, at, monkeypatch):
    stops_at(monkeypatch, time, "sleep")
    press = partial(order, now, idempotency_key="k")
    first, second = race(press, at, press, then=["sleep"])
    assert first == second, (first, second)
    assert newest_order() == 1


def test_a_press_that_waited_for_another_looks_until_that_is_whole(now, monkeypatch):
    stops_at(monkeypatch, time, "sleep")
    with stage() as enter:
        first, second = (enter(partial(order, now, idempotency_key="k")) for _ in range(2))
        first.go_to(INSERT)
        assert second.finish() == "waits"
        first.go_to(BEGIN)
        assert second.go_to("sleep") == "stopped"
        assert [first.finish(), second.finish()] == ["done", "done"]
    assert first.came_to == second.came_to
    assert newest_order() == 1
