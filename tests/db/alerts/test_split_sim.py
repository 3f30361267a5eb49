"""A SIM is lost between two parts of a message."""

import pytest

from db.alerts.progress.counts import LOST_AFTER, incomplete_messages
from db.alerts.progress.progress import first_people, progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.queue.recovery import close_done, expire_due
from db.models.broadcasts import Message
from db.modems import status
from plp.services.contract_json import progress_shape
from rules.refusals import Refusal
from tests.support.people import LONG, SENDING, mobile, order, person, ready_modem, resend_broadcast

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"


def send_one(sender, now, reference=1):
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, reference, sender, now)
    return claim


@pytest.fixture
def halfway(now):
    """Person 1 has the first of three parts from SIM A, which is gone; person 2 waits."""
    person(1, now)
    person(2, now)
    sender = ready_modem("a", now, A)
    placed = order(now, text=LONG)
    send_one(sender, now)
    status.save_modem("box", "a", {"state": "absent"}, now)
    return placed


def test_it_is_told_after_a_while_and_not_before(halfway, now):
    late = now + LOST_AFTER
    ready_modem("b", late, B)
    assert incomplete_messages(halfway.id, now) == []
    shown = progress(halfway.id, late)
    assert shown.incomplete == 1
    assert [row.msisdn for row in first_people(incomplete_messages(halfway.id, late), 9).rows] == [mobile(1)]
    assert progress_shape(shown, now)["incomplete"] == 1
    assert "incomplete" not in progress_shape(progress(halfway.id, now), now)


def test_nothing_is_resent_by_itself(halfway, now):
    late = now + LOST_AFTER
    other = ready_modem("b", late, B)
    assert [send_one(other, late, n).msisdn for n in range(3)] == [mobile(2)] * 3
    assert claim_part(other, late) is None


def test_a_person_resends_the_whole_message_through_another_sim(halfway, now):
    late = now + LOST_AFTER
    other = ready_modem("b", late, B)
    for number in range(3):
        send_one(other, late, number)
    before = Message.get(Message.msisdn == mobile(1)).reference
    assert resend_broadcast(halfway.id, "incomplete", "test", SENDING, late) == 1
    claims = [send_one(other, late, 10 + number) for number in range(3)]
    assert [(claim.seq, claim.reference) for claim in claims] == [(n, before + 1) for n in (1, 2, 3)]
    assert progress(halfway.id, late).counts["sent"] == 2
    with pytest.raises(Refusal, match="dans cet état"):
        resend_broadcast(halfway.id, "incomplete", "test", SENDING, late)


def test_back_in_time_the_rest_goes_out_by_itself(halfway, now):
    late = now + LOST_AFTER
    again = ready_modem("elsewhere", late, A)
    assert progress(halfway.id, late).incomplete == 0
    assert [send_one(again, late, n).seq for n in (2, 3)] == [2, 3]


def test_left_alone_it_ends_with_the_deadline(halfway, now):
    end = progress(halfway.id, now).deadline_at
    expire_due(end)
    close_done()
    assert progress(halfway.id, end).counts["expired"] == 2
    assert progress(halfway.id, end).incomplete == 0
