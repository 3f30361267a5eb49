"""One recipient never stops a SIM, and a SIM that is refused is found out by a second one.

The rule: docs/reference/modem-facts.md, "One recipient never stops a SIM".
"""

from datetime import timedelta

import pytest

from db.modems import commands
from modem import errors
from tests.modem.daemon.bench import Bench
from tests.modem.daemon.fleet import SUBMIT_S, Fleet
from tests.support.people import Text, mobile, order, person
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]

PEOPLE = 16
# SIM for now and for good, bearer, card; every other code has its run in tests/soak/test_refused_numbers.py.
CODES = (21, 28, 50, 310)
ALONE, ADJACENT, LAST = {5, 12}, {8, 9}, {14, 15}
OTHER = Text("Autre", "gsm7", ("Autre",))


def refused(numbers, code):
    return {mobile(number): errors.CmsError("AT+CMGS", code) for number in numbers}


def people(count, now):
    for number in range(count):
        person(number, now)


def forward(bench, seconds, step_s=1):
    """Step by step, as the daemon does."""
    until = bench.clock.now + timedelta(seconds=seconds)
    while bench.clock.now < until:
        bench.run()
        bench.clock.forward(step_s)


@pytest.mark.parametrize("modems", [1, 2])
@pytest.mark.parametrize("code", [CODES[0], *map(left_to_soak, CODES[1:])])
@pytest.mark.parametrize("dead", [ALONE, ADJACENT, LAST], ids=["alone", "adjacent", "last"])
def test_numbers_that_are_always_refused_fail_and_hardly_delay_the_others(now, modems, code, dead):
    fleet = Fleet.ordered(now, modems, PEOPLE, dead, code)
    seconds = fleet.until_taken(PEOPLE - len(dead))
    assert seconds is not None, fleet.counts()
    assert seconds <= 1.3 * PEOPLE * SUBMIT_S / modems
    assert fleet.until_settled(timedelta(minutes=10)) is not None, fleet.counts()
    assert fleet.counts() == {"sent": PEOPLE - 2, "failed": 2}
    if dead == ALONE:
        assert fleet.states == [["ready"]] * modems
    for bench in fleet.benches:
        forward(bench, 16)
        assert bench.worker.status.state == "ready"


def test_no_two_modems_are_suspended_by_the_same_parts(now):
    fleet = Fleet.ordered(now, 2, PEOPLE, {0, 2}, 21)  # each modem takes every second number: these two meet one modem
    fleet.until_settled()
    assert sum("suspended" in states for states in fleet.states) <= 1
    assert fleet.counts() == {"sent": PEOPLE - 2, "failed": 2}


@pytest.mark.slow
@pytest.mark.parametrize("code", [8, 28])
def test_a_refused_sim_is_held_after_two_and_tried_with_others_while_urgent_work_waits(ready, now, code):
    people(30, now)
    placed = order(now)
    ready.driver.always = refused(range(30), code)
    ready.run()
    assert ready.driver.tried == [mobile(0), mobile(1)]
    assert ready.card().state in ("suspended", "out_of_service")
    assert f"CMS {code}" in ready.card().sentence
    forward(ready, 10 * 60)
    tried = ready.driver.tried
    assert 20 <= len(tried) <= 24
    assert len(set(tried)) == len(tried)
    assert ready.card().state in ("suspended", "out_of_service")
    ready.driver.always = {}
    forward(ready, 32)
    assert ready.card().state == "ready"
    assert ready.counts(placed) == {"sent": 30}


def test_a_sim_refused_in_the_middle_costs_nobody_a_try(ready, now):
    people(30, now)
    placed = order(now)
    ready.driver.always = refused(range(15, 30), 21)
    forward(ready, 12 * 60, step_s=5)
    assert ready.counts(placed) == {"sent": 15, "queued": 15}
    ready.driver.always = {}
    forward(ready, 60)
    assert ready.counts(placed) == {"sent": 30}


def test_the_other_modem_takes_over_from_a_refused_sim(now):
    fleet = Fleet.ordered(now, 2, PEOPLE, set(), 0)
    fleet.benches[0].driver.always = refused(range(PEOPLE), 28)
    assert fleet.until_settled() <= PEOPLE * SUBMIT_S + 25
    assert fleet.counts() == {"sent": PEOPLE}
    assert fleet.states[1] == ["ready"]


@pytest.mark.parametrize("code", [21, 50])
def test_taking_a_modem_back_uses_up_no_tries(ready, now, code):
    people(5, now)
    placed = order(now)
    ready.driver.always = refused(range(5), code)
    for _ in range(6):
        forward(ready, 20)
        commands.ask("box", "a", "resume", "anne", ready.clock.now)
    forward(ready, 5)
    assert ready.counts(placed) == {"queued": 5}
    ready.driver.always = {}
    forward(ready, 60)
    assert ready.counts(placed) == {"sent": 5}


@pytest.mark.parametrize("code", [8, 28, 350, 310])
def test_one_that_nothing_else_can_test_fails_and_the_next_alert_goes_out(ready, now, code):
    person(1, now)
    placed = order(now)
    ready.driver.always = refused([1], code)
    ready.run()
    assert ready.worker.status.state == "ready"
    forward(ready, 60)
    assert (ready.counts(placed), ready.reason(placed)) == ({"failed": 1}, f"CMS {code}")
    person(2, now)
    assert ready.card().state == "ready"
    other = order(ready.clock.now, text=OTHER)
    forward(ready, 2)
    assert ready.counts(other) == {"queued": 1, "sent": 1}


def test_the_parts_of_one_message_are_one_recipient(ready, now):
    people(2, now)
    order(now, text=Text("unDEUX", "gsm7", ("un", "DEUX")))
    ready.driver.always = refused([0], 21)
    ready.run()
    assert ready.driver.tried == [mobile(0), mobile(0), mobile(1), mobile(1)]
    assert ready.worker.status.state == "ready"


def test_normal_work_tries_a_refused_sim_less_and_less(ready, now):
    people(30, now)
    order(now, priority="normal")
    ready.driver.always = refused(range(30), 10)
    forward(ready, 4 * 60)
    assert len(ready.driver.tried) == 5
    forward(ready, 20 * 60, step_s=10)
    assert len(ready.driver.tried) == 7


def test_a_refused_sim_without_work_is_ready_for_the_next_alert(now):
    """It was two numbers: nothing tells, and nothing must keep the box from taking an alert."""
    bench = Bench(now)
    bench.run()
    people(2, now)
    order(now, priority="normal")
    bench.driver.always = refused(range(2), 28)
    bench.run()
    assert bench.card().state == "out_of_service"
    bench.step(1.1)
    bench.step()
    assert bench.card().state == "ready"


def test_a_sim_that_is_well_again_blames_nobody(ready, now):
    """Whoever it refused meanwhile has all tries left: a second refusal is not the last."""
    people(6, now)
    placed = order(now)
    ready.driver.always = refused(range(6), 21)
    forward(ready, 60)
    ready.driver.always = refused([3], 21)
    forward(ready, 32)
    assert ready.counts(placed) == {"sent": 5, "queued": 1}
    ready.driver.always = {}
    forward(ready, 16)
    assert ready.counts(placed) == {"sent": 6}
