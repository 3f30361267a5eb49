"""An OK that says too little, or too early: it is an answer, and no silence of the modem."""

import pytest

from db.models.broadcasts import Attempt
from tests.modem.daemon.lives import PEOPLE, had, told
from tests.support.people import order


def test_ok_alone_is_an_answer_and_the_report_shows_that_it_was_sent(life):
    one = life("default", "ok-alone", submit_s=0.2)
    placed = order(one.world.utc)
    one.live(20)
    assert set(told(placed)) == {"delivered"}
    assert len(had(one)) == PEOPLE
    assert (one.is_ready, one.worker._sending.condition.hold) == (True, None)


def test_ok_alone_without_a_report_is_unconfirmed_and_stops_nothing(life):
    one = life("default", "ok-alone", "noreport", submit_s=0.2)
    placed = order(one.world.utc)
    one.live(20)
    assert {state: len(whom) for state, whom in told(placed).items()} == {"unconfirmed": PEOPLE}
    assert {attempt.reason for attempt in Attempt.select()} == {"no_reference"}
    assert (one.is_ready, one.worker._sending.condition.hold) == (True, None)


def test_ok_before_the_pdu_sends_nothing_and_the_part_goes_back(life):
    one = life("default", "ok-first@=2", submit_s=0.2)
    placed = order(one.world.utc)
    one.live(20)
    assert set(told(placed)) == {"delivered"}
    texts = one.world.modem.phone.network.messages.lines
    assert len(texts) == PEOPLE
    assert one.world.modem._entry is None


@pytest.mark.parametrize("fault", ["ok-first"])
def test_a_modem_that_always_ends_too_early_is_set_up_anew_and_nothing_is_unconfirmed(life, fault):
    one = life("sim800", fault, submit_s=0.2, reset_s=1.0)
    placed = order(one.world.utc)
    one.live(60)
    assert set(told(placed)) <= {"queued", "sending"}
    assert had(one) == set()
    one.world.modem.phone.faults.replace([])
    one.live(120)
    assert set(told(placed)) == {"delivered"}
