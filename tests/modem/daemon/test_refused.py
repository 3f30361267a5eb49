"""What a network or a card refuses, and which of them is looked at again."""

import pytest

from modem import errors
from tests.modem.daemon.rungs import refusing, until
from tests.support.people import Text, mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.slow
def test_a_network_that_is_out_pauses_the_modem_and_costs_nobody_a_try(ready, now):
    for number in range(10):
        person(number, now)
    placed = order(now)
    refusing(ready, range(10), 38, times=9)
    ready.run()
    assert ready.card().state == "paused"
    assert "un seul message" in ready.card().sentence
    # three tripped the breaker, two were tests
    assert ready.counts(placed) == {"queued": 10}
    for _ in range(240):
        ready.step(0.5)
        ready.run()
    assert ready.counts(placed) == {"queued": 10}
    ready.driver.trouble = {}
    for _ in range(1300):
        ready.step(0.5)
        ready.run()
    assert ready.counts(placed) == {"sent": 10}
    assert ready.card().state == "ready"


@pytest.mark.slow
def test_dead_numbers_do_not_pause_the_modem(ready, now):
    """Every tenth number is answered with 38 whenever it is tried: they fail, the others are sent at once."""
    for number in range(50):
        person(number, now)
    placed = order(now)
    refusing(ready, range(0, 50, 10), 38, times=9)
    ready.run()
    assert ready.counts(placed) == {"sent": 45, "queued": 5}
    for _ in range(13):
        ready.step(30)
        ready.run()
        assert ready.card().state == "ready"
    assert ready.counts(placed) == {"sent": 45, "failed": 5}


def test_an_unregistered_modem_is_not_tested_with_a_message(ready, now):
    for number in range(5):
        person(number, now)
    placed = order(now)
    refusing(ready, range(3), 38)
    ready.step()
    ready.step()
    ready.driver.registered = False
    ready.run()
    assert ready.card().state == "not_registered"
    assert ready.driver.taken == []
    ready.driver.registered = True
    ready.step(3)
    ready.run()
    assert ready.counts(placed) == {"sent": 2, "queued": 3}


def test_another_bearer_is_tried_after_two_recipients_and_then_the_modem_is_out(ready, now):
    for number in range(6):
        person(number, now)
    placed = order(now)
    refusing(ready, range(2), 50)
    ready.run()
    assert (ready.driver.switches, ready.card().state) == (1, "paused")
    ready.step(1)
    ready.run()
    assert (ready.counts(placed), ready.card().state) == ({"sent": 4, "queued": 2}, "ready")
    ready.step(16)
    ready.run()
    assert ready.counts(placed) == {"sent": 6}
    order(now, text=Text("Autre", "gsm7", ("Autre",)))
    refusing(ready, range(6), 69, times=9)
    ready.run()
    ready.step(1)
    ready.run()
    assert (ready.driver.switches, ready.card().state) == (3, "out_of_service")


def test_a_single_recipient_is_tried_over_the_other_bearer_too(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 50, times=2)
    for _ in range(3):
        ready.run()
        ready.step(16)
    assert (ready.driver.switches, ready.counts(placed)) == (1, {"sent": 1})


def test_350_twice_means_that_there_is_no_sms_here(ready, now):
    for number in range(3):
        person(number, now)
    placed = order(now)
    late = errors.SubmitUnconfirmed(135)
    late.__cause__ = errors.CmsError("AT+CMGS", 350)
    ready.driver.trouble = {mobile(0): [late], mobile(1): [errors.CmsError("AT+CMGS", 350)]}
    ready.driver.after = {late}
    ready.run()
    assert ready.card().state == "out_of_service"
    assert ready.counts(placed) == {"unconfirmed": 1, "queued": 2}


@pytest.mark.parametrize(("code", "state"), [(310, "no_sim"), (313, "no_sim"), (311, "pin"), (316, "pin")])
def test_a_card_that_fails_is_told_and_looked_at_again(ready, now, code, state):
    for number in range(3):
        person(number, now)
    placed = order(now)
    refusing(ready, range(2), code)
    ready.run()
    assert (ready.card().state, ready.counts(placed)) == (state, {"queued": 3})
    until(ready, "ready")
    ready.step(16)
    ready.run()
    assert ready.counts(placed) == {"sent": 3}


def test_a_card_that_fails_is_looked_at_also_where_one_recipient_alone_waits(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 310, times=2)
    ready.run()
    ready.step(16)
    assert (ready.card().state, ready.counts(placed)) == ("no_sim", {"queued": 1})
    until(ready, "ready")
    ready.step(16)
    assert ready.counts(placed) == {"sent": 1}


def test_a_failure_of_the_modem_itself_sets_it_up_anew(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 300, times=2)
    closed = ready.driver.closed
    ready.run()
    assert ready.driver.closed == closed
    ready.step(2.1)
    assert ready.driver.closed == closed + 1
    ready.step(10.1)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_lost_service_centre_is_told_to_the_card_again(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 330)
    ready.run()
    assert ready.driver.restored == 1
    ready.step(5.1)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_validity_that_the_network_refuses_is_left_out_the_second_time(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 199)
    ready.run()
    ready.step(2.1)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}
    assert [part.validity for part in ready.driver.taken] == [None]
