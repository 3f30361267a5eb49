"""Going on with what was agreed to, as `docs/doors.md` has it: every cell of its table, and 3 a.m."""

from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import entries_about
from db.models.accounts import AccountSession
from db.models.broadcasts import Broadcast
from db.people.zone import Policy, write_policy
from tests.console.alerts import scene
from tests.plp.services.doors import ACTS, GOING_DOORS, GOING_TABLE, TABLE, gone_out, stopped, with_old_proof


def test_the_table_of_going_on_asks_where_ordering_does():
    assert list(GOING_TABLE) == [(door, rule) for door in GOING_DOORS for rule in (*ACTS, "a day later")]
    for door in GOING_DOORS:
        assert {GOING_TABLE[door, act] for act in ACTS} == {TABLE[door, "second factor"]}


@pytest.mark.slow
@pytest.mark.parametrize(("door", "act"), [cell for cell in GOING_TABLE if cell[1] in ACTS])
def test_going_on_with_many_is_asked_for_as_the_table_says(house, door, act):
    stopped(house, act, 51)
    assert GOING_TABLE[door, act] == ("not asked" if house.goes_on(door, act) else "asked")


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("door", GOING_DOORS)
def test_what_was_agreed_to_over_a_day_ago_goes_on_at_no_door(house, door, act):
    stopped(house, act, 3, timedelta(hours=25))
    assert GOING_TABLE[door, "a day later"] == ("" if house.goes_on(door, act) else "refused")


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("door", GOING_DOORS)
def test_what_was_ordered_before_the_zone_wanted_two_people_goes_on_at_no_door(house, door, act):
    stopped(house, act, 3)
    with connected():
        write_policy(Policy(approval="second"))
    assert not house.goes_on(door, act)


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_going_on_wants_the_number_and_the_code(house, act):
    code = stopped(house, act, 51)
    assert not house.goes_on("page", act, typed="51")
    assert not house.goes_on("page", act, typed="50", code=code)
    assert house.goes_on("page", act, typed="51")  # the code was right, and is fresh


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_a_fresh_proof_asks_for_nothing_again(house, act):
    stopped(house, act, 51)
    with connected():
        AccountSession.update(proven_at=utc_now() - timedelta(minutes=4)).execute()
    assert house.goes_on("page", act)


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_going_on_with_few_asks_for_nothing(house, act):
    stopped(house, act, 50)
    assert house.goes_on("page", act)


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_going_on_without_a_code_is_written_down(house, act):
    stopped(house, act, 51)
    assert house.goes_on("page", act, typed="51", do="without_code", without_code="téléphone déchargé")
    with connected():
        entries = [entry for entry in entries_about("1") if entry.action == "sent_without_code"]
    assert [entry.detail["reason"] for entry in entries] == ["téléphone déchargé"]


@pytest.mark.slow
def test_the_rest_of_the_undo_seconds_is_given_up_without_a_code(house):
    stopped(house, "resume", 51)
    with connected():
        Broadcast.update(stage="scheduled", release_at=utc_now() + timedelta(seconds=30)).execute()
    assert house.goes_on("page", "resume")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["correction", "end"])
def test_a_correction_and_an_end_of_the_next_day_want_the_number_and_the_code(house, kind):
    code = gone_out(house, timedelta(hours=25))
    assert not house.follows(kind, typed="51")
    assert not house.follows(kind, code=code)
    assert house.follows(kind, typed="51")  # the code was right, and is fresh


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["correction", "end"])
def test_a_correction_and_an_end_of_the_same_day_ask_for_nothing(house, kind):
    gone_out(house, timedelta(hours=23))
    assert house.follows(kind)


@pytest.mark.slow
def test_an_order_with_number_and_code_goes_at_the_first_press(house):
    """By a clock that runs: the code is looked at a moment after the request began."""
    house.crowd(51)
    code = with_old_proof(house)
    nonce = "a-form-that-is-sent-once"
    assert scene.send(house.officer, 51, nonce=nonce, code=code).status_code == 303
