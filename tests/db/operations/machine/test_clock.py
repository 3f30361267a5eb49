"""A clock that starts before what was seen already is known to be behind, until it is right again."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_retry, mark_sent
from db.alerts.queue.recovery import handed_over_lately
from db.journal import audit
from db.models.broadcasts import Attempt, Broadcast
from db.models.policy import Approval
from db.operations.machine import apply_jump, behind, latest_time, note_time, set_back
from modem.daemon.policy.pacing import HOUR, HourGuard
from plp.services.machine import believe_clock
from tests.support.people import SENDING, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

MONTH = timedelta(days=30)


def test_a_new_box_believes_its_clock(now):
    assert behind(now) is None
    note_time(now)
    assert behind(now) is None


def test_a_clock_that_starts_before_what_was_seen_is_behind_until_it_is_right(now):
    note_time(now)
    assert behind(now - MONTH) == MONTH
    note_time(now - MONTH)
    assert behind(now - MONTH + HOUR) == MONTH - HOUR
    assert behind(now - timedelta(seconds=5)) is None
    assert behind(now + HOUR) is None


def test_the_latest_time_is_written_once_in_ten_minutes(now):
    note_time(now)
    note_time(now + timedelta(minutes=9))
    assert latest_time() == now
    note_time(now + timedelta(minutes=10))
    assert latest_time() == now + timedelta(minutes=10)


def test_a_clock_that_was_set_back_while_the_box_ran_is_believed(now):
    note_time(now + MONTH)
    set_back(now)
    assert behind(now) is None


def test_a_person_may_say_that_the_clock_is_right(now):
    note_time(now + MONTH)
    believe_clock("jan", now)
    assert behind(now) is None
    assert audit.newest("clock_believed").detail == {"seconds": MONTH.total_seconds()}
    believe_clock("jan", now)
    assert len(audit.entries()) == 1


@pytest.fixture
def sender(now):
    person(1, now)
    return ready_modem("a", now)


def test_the_alerts_of_a_month_do_not_fill_the_hour_of_a_clock_that_is_behind(now, sender):
    few = SENDING.__class__(undo_seconds=0, hourly_ceiling=1)
    order(now, sending=few)
    order(now - MONTH, sending=few)  # also the same text to the same people


def test_what_a_sim_sent_in_a_month_does_not_stop_it_under_a_clock_that_is_behind(now, sender):
    order(now)
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 1, sender, now)
    guard = HourGuard(1)
    guard.another_sim(handed_over_lately(sender.imsi, now, HOUR))
    assert guard.is_full(now)
    guard.another_sim(handed_over_lately(sender.imsi, now - MONTH, HOUR))
    assert not guard.is_full(now - MONTH)


def test_what_waits_for_its_time_is_moved_to_a_clock_that_starts_behind_and_back_when_it_is_set(now, sender):
    order(now)
    mark_retry(claim_part(sender, now), "CMS 42", now + timedelta(seconds=30), now)
    note_time(now)
    started = now - MONTH
    assert claim_part(sender, started + timedelta(minutes=1)) is None
    apply_jump(-behind(started), started)
    claim = claim_part(sender, started + timedelta(minutes=1))
    assert claim is not None
    deadline = Broadcast.get().deadline_at
    apply_jump(MONTH, now + timedelta(minutes=1))
    assert Broadcast.get().deadline_at - deadline == MONTH
    assert Attempt.select().order_by(Attempt.id.desc()).first().lease_until > now


def test_a_request_for_agreement_moves_once_with_each_step_of_the_clock(now, sender):
    for number in range(3):
        of_it = Broadcast.get_by_id(order(now, again=True).id)
        Approval.create(broadcast=of_it, asked_at=now, lapses_at=now + timedelta(minutes=15 + number))
    for hours in (1, 2, 3):  # the index by that time serves from the second time on
        apply_jump(HOUR, now + hours * HOUR)
        lapse = [row.lapses_at for row in Approval.select().order_by(Approval.id)]
        assert lapse == [now + timedelta(hours=hours, minutes=15 + number) for number in range(3)]
