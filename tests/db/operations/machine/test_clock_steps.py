"""The clock was set: an alert that is under way keeps the time that it had left."""

from datetime import timedelta

import pytest

from base.settings.values import SendingSettings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_retry, mark_sent
from db.alerts.queue.recovery import expire_due, recover, release_due, take_back_expired
from db.alerts.queue.reports import NetworkReport
from db.alerts.queue.reports import apply_report as report
from db.models.broadcasts import Attempt, Broadcast, Part
from db.models.policy import Approval
from db.operations.machine import apply_jump, recent_jump
from tests.support.people import Text, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def sender(now):
    person(1, now)
    return ready_modem("a", now)


def part():
    return Part.get()


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_the_deadline_moves_along(now, sender, jump):
    placed = order(now)
    left = Broadcast.get_by_id(placed.id).deadline_at - now
    later = now + jump
    apply_jump(jump, later)
    assert expire_due(later) == 0
    assert Broadcast.get_by_id(placed.id).deadline_at - later == left
    assert claim_part(sender, later) is not None
    assert expire_due(later + left + SECOND) == 0  # it is being sent
    assert claim_part(sender, later + left + SECOND) is None


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_undo_seconds_stay_seconds(now, sender, jump):
    order(now, sending=SendingSettings(undo_seconds=10))
    apply_jump(jump, now + jump)
    assert release_due(now + jump) == 0
    assert release_due(now + jump + 10 * SECOND) == 1


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_retry_keeps_its_wait(now, sender, jump):
    order(now)
    claim = claim_part(sender, now)
    mark_retry(claim, "CMS 42", now + 30 * SECOND, now)
    apply_jump(jump, now + jump)
    assert claim_part(sender, now + jump) is None
    assert claim_part(sender, now + jump + 30 * SECOND) is not None


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_claim_keeps_its_lease(now, sender, jump):
    order(now)
    claim_part(sender, now)
    apply_jump(jump, now + jump)
    assert take_back_expired(now + jump) == 0
    assert take_back_expired(now + jump + timedelta(minutes=10)) == 1


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_report_after_it_finds_its_part(now, sender, jump):
    order(now)
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 7, sender, now)
    later = now + jump
    apply_jump(jump, later)
    assert report(NetworkReport(sender.imsi, 7, mobile(1), later, 0, "delivered"), later)
    assert part().state == "delivered"


def test_a_report_that_overtook_the_receipt_across_it(now, sender):
    order(now)
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    later = now - DAY
    apply_jump(-DAY, later)
    assert not report(NetworkReport(sender.imsi, 7, mobile(1), later, 0, "delivered"), later)
    mark_sent(claim, 7, sender, later)
    assert part().state == "delivered"


def test_a_start_after_it_holds_nothing(now, sender):
    order(now)
    apply_jump(DAY, now + DAY)
    assert recover(now + DAY + SECOND, timedelta(minutes=30)).held == 0


def test_what_is_held_keeps_its_age_and_its_time_to_be_decided(now, sender):
    placed = order(now)
    before = Broadcast.get_by_id(placed.id).deadline_at
    assert recover(now, None).held == 1
    apply_jump(DAY, now + DAY)
    held = Broadcast.get_by_id(placed.id)
    assert held.created_at == now
    assert held.deadline_at == before + DAY


def test_what_is_over_stays_as_it_was_noted(now, sender):
    placed = order(now)
    before = Broadcast.get_by_id(placed.id).deadline_at
    apply_jump(DAY, now + DAY + timedelta(days=2))
    assert Broadcast.get_by_id(placed.id).deadline_at == before
    assert Attempt.select().count() == 0


def test_what_a_copy_brought_from_the_right_time_stays_when_a_clock_that_began_anew_learns_it(now, sender):
    order(now, sending=SendingSettings(undo_seconds=10))
    of_it = Broadcast.get()
    Part.update(not_before_at=now + SECOND).execute()
    Approval.create(broadcast=of_it, asked_at=now, lapses_at=now + DAY)
    began_anew = now.replace(year=1970)
    new = Broadcast.get_by_id(order(began_anew, Text("Gaz")).id)
    learnt = now - began_anew
    apply_jump(learnt, now)
    assert Broadcast.get_by_id(of_it.id).deadline_at == of_it.deadline_at
    assert Broadcast.get_by_id(new.id).deadline_at == new.deadline_at + learnt
    assert Part.get().not_before_at == now + SECOND
    assert Approval.get().lapses_at == now + DAY
    assert release_due(now + 10 * SECOND) == 1


def test_people_are_told_for_an_hour(now):
    assert recent_jump(now) is None
    apply_jump(-DAY, now)
    assert recent_jump(now + timedelta(minutes=59)) == -DAY
    assert recent_jump(now + timedelta(minutes=61)) is None
