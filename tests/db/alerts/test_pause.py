"""Pause, resume, and what is looked at again before a part that was claimed ahead goes out."""

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part, is_still_due
from db.alerts.queue.marks import mark_pdu_started, mark_released, mark_sent_and_claim
from db.alerts.queue.recovery import close_done, expire_due
from db.models.broadcasts import Broadcast, Part
from plp.services.forgetting import forget_member
from rules.refusals import Refusal
from rules.states import LANE_NORMAL, Stage
from tests.support.people import (
    Text,
    cancel_broadcast,
    later,
    order,
    pause_broadcast,
    person,
    ready_modem,
    resume_broadcast,
)

pytestmark = pytest.mark.usefixtures("database")


def ahead(modem, now, people=3, priority="normal"):
    """A broadcast with one part sent and the next one claimed with its receipt."""
    for number in range(people):
        person(number, now)
    placed = order(now, priority=priority)
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    return placed, mark_sent_and_claim(claim, 1, modem, now, LANE_NORMAL)


def test_paused_nothing_is_claimed_until_it_is_resumed(now, modem):
    placed, following = ahead(modem, now)
    mark_released(following, "overtaken", now)
    assert pause_broadcast(placed.id, "test", now) == 2
    assert progress(placed.id, now).state == "paused"
    assert claim_part(modem, now) is None
    assert resume_broadcast(placed.id, "test", later(now, 60)) == 2
    assert claim_part(modem, later(now, 60)).part_id == following.part_id
    assert progress(placed.id, now).deadline_at == Broadcast.get_by_id(placed.id).created_at + (
        progress(placed.id, now).deadline_at - now
    )


def test_what_was_claimed_ahead_is_due_while_nothing_happens(now, modem):
    _, following = ahead(modem, now)
    assert is_still_due(following, modem, now)
    assert not is_still_due(following, modem, following.deadline_at)


@pytest.mark.parametrize("stop", [pause_broadcast, cancel_broadcast])
def test_what_was_claimed_ahead_is_not_due_after_a_stop(now, modem, stop):
    placed, following = ahead(modem, now)
    stop(placed.id, "test", now)
    assert not is_still_due(following, modem, now)


def test_an_alert_overtakes_what_was_claimed_ahead_unless_it_is_for_another_sim(now, modem):
    _, following = ahead(modem, now)
    alert = order(now, text=Text("Alerte.", "gsm7", ("Alerte.",)))
    assert not is_still_due(following, modem, now)
    for _ in range(3):
        claim_part(ready_modem("b", now, "206010000000002"), now)
    assert progress(alert.id, now).counts["sending"] == 3
    assert is_still_due(following, modem, now)


def test_who_left_is_not_due(now, modem):
    ids = [person(number, now) for number in range(2)]
    order(now)
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    following = mark_sent_and_claim(claim, 1, modem, now)
    forget_member(ids[1], "test", now)
    assert not is_still_due(following, modem, now)


def test_a_pause_that_nobody_ends_ends_with_the_deadline(now, modem):
    person(1, now)
    placed = order(now)
    pause_broadcast(placed.id, "test", now)
    late = progress(placed.id, now).deadline_at
    assert expire_due(late) == 1
    assert close_done() == 1
    assert progress(placed.id, late).state == "finished"


def test_only_what_goes_out_can_be_paused_and_only_a_pause_ends(now, modem):
    person(1, now)
    placed = order(now)
    with pytest.raises(Refusal, match="n'est pas en pause"):
        resume_broadcast(placed.id, "test", now)
    pause_broadcast(placed.id, "test", now)
    with pytest.raises(Refusal, match="n'est pas en cours : pause inutile"):
        pause_broadcast(placed.id, "test", now)
    with pytest.raises(Refusal, match="n'existe pas"):
        pause_broadcast(99, "test", now)
    assert cancel_broadcast(placed.id, "test", now) == 1
    assert Broadcast.get_by_id(placed.id).stage is Stage.CANCELLED
    assert Part.select().where(Part.state == "cancelled").count() == 1
