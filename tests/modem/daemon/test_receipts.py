"""What is late, lost or heard beside the work: receipts, reports, and who it all belongs to."""

from datetime import timedelta

import pytest
from peewee import OperationalError

from db.alerts.progress.progress import recipients
from db.alerts.queue.marks import mark_pdu_started, mark_sent_and_claim
from db.alerts.queue.recovery import expire_due, recover, take_back_expired
from db.inbound.received import apply_unreadable
from db.models.broadcasts import Attempt
from db.models.modem_records import UnreadablePdu
from modem import errors
from modem.driver.base.interface import LateReceipt, PortLost, StoredEvent, UnreadableEvent
from modem.sms.message import StatusReport
from tests.modem.daemon.bench import Bench
from tests.support.people import SENDING, cancel_broadcast, mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


def test_reports_are_applied_from_the_line_and_from_storage(ready, now):
    for number in range(3):
        person(number, now)
    placed = order(now)
    ready.run()

    def report(index, status=0):
        return StatusReport(index + 1, mobile(index), now, status)

    ready.driver.stored = {4: report(1)}
    ready.driver.events = [report(0), StoredEvent("SM", 4, True), report(2, 0x30)]
    ready.run()
    assert ready.counts(placed) == {"delivered": 2, "sent": 1}
    assert ready.driver.deleted == [4]


def test_a_report_between_two_parts_is_written_with_the_receipt_of_the_second(ready, now, monkeypatch):
    for number in range(2):
        person(number, now)
    placed = order(now)
    ready.step()
    alone = []
    monkeypatch.setattr("modem.daemon.worker.hearing.apply_reports", lambda reports, at: alone.append(reports))
    ready.driver.events = [StatusReport(1, mobile(0), now, 0)]
    ready.step()
    assert ready.counts(placed) == {"delivered": 1, "sent": 1}
    assert alone == []


@pytest.mark.parametrize("how", ["stopped", "refused", "gone", "closed"])
def test_a_report_between_two_parts_is_not_lost_when_the_second_does_not_go_out(ready, now, how):
    for number in range(3):
        person(number, now)
    placed = order(now)
    ready.step()
    ready.driver.events = [StatusReport(1, mobile(0), now, 0)]
    if how == "stopped":
        cancel_broadcast(placed.id, "test", now)
    if how == "refused":
        ready.driver.trouble[mobile(1)] = [errors.PduError("no")]
    if how == "gone":
        ready.driver.trouble[mobile(1)] = [errors.PortGone("unplugged")]
    if how == "closed":
        ready.worker.close()
    else:
        ready.run()
        ready.step(1)
    assert ready.counts(placed)["delivered"] == 1


def test_a_text_behind_a_report_waits_for_no_part(ready, now):
    for number in range(2):
        person(number, now)
    order(now)
    ready.step()
    ready.driver.events = [StatusReport(1, mobile(0), now, 0), UnreadableEvent("00")]
    stored = []
    ready.driver.before_start = lambda: stored.append(UnreadablePdu.select().count())
    ready.step()
    assert stored == [1]


def test_a_claim_that_was_taken_back_writes_nothing(ready, now):
    person(1, now)
    placed = order(now)
    ready.driver.before_start = lambda: recover(now, timedelta(minutes=30))
    ready.step()
    assert ready.driver.taken == []
    assert ready.counts(placed) == {"queued": 1}


def test_when_the_intent_cannot_be_written_nothing_goes_out(ready, now, monkeypatch):
    person(1, now)
    placed = order(now)
    marks = []

    def full_disk(claim, at):
        marks.append(claim)
        if len(marks) == 1:
            raise OperationalError("database or disk is full")
        return real(claim, at)

    real = mark_pdu_started
    monkeypatch.setattr(ready.worker._sending, "_start", full_disk)
    ready.run()
    assert len(ready.driver.taken) == 1
    assert len(marks) == 2
    assert ready.counts(placed) == {"sent": 1}


def test_a_receipt_is_kept_until_the_database_returns(ready, now, monkeypatch):
    person(1, now)
    placed = order(now)
    failures = [OperationalError("disk I/O error")] * 2
    real = mark_sent_and_claim

    def flaky(*arguments):
        if failures:
            raise failures.pop()
        return real(*arguments)

    monkeypatch.setattr("modem.daemon.worker.sending.marks.mark_sent_and_claim", flaky)
    ready.run()
    assert ready.persisted == 2
    assert ready.counts(placed) == {"sent": 1}


def after_an_outage(bench, outage, write):
    """`write`, which finds the database away at its first try, and back so much later."""
    left = [outage]

    def away_once(*arguments):
        if left:
            bench.clock.forward(left.pop().total_seconds())
            raise OperationalError("the server cannot be reached")
        return write(*arguments)

    return away_once


def test_what_is_claimed_with_a_receipt_that_waited_for_the_database_is_claimed_when_that_is_back(
    ready, now, monkeypatch
):
    for number in range(2):
        person(number, now)
    order(now)
    away = after_an_outage(ready, timedelta(minutes=13), mark_sent_and_claim)
    monkeypatch.setattr("modem.daemon.worker.sending.marks.mark_sent_and_claim", away)
    ready.step()
    sent, claimed = Attempt.select().order_by(Attempt.id)
    assert (sent.outcome, sent.ended_at) == ("sent", now)
    assert (claimed.outcome, claimed.claimed_at) == ("open", now + timedelta(minutes=13))
    assert take_back_expired(ready.clock.now) == 0


def test_a_claimed_part_that_expires_while_a_text_waits_for_the_database_does_not_go_out(ready, now, monkeypatch):
    for number in range(2):
        person(number, now)
    placed = order(now)
    ready.step()
    away = after_an_outage(ready, SENDING.validity_urgent, apply_unreadable)
    monkeypatch.setattr("modem.daemon.worker.hearing.apply_unreadable", away)
    ready.driver.events = [UnreadableEvent("00")]
    ready.run()
    expire_due(ready.clock.now)
    assert ready.counts(placed) == {"sent": 1, "expired": 1}


def test_a_text_that_cannot_be_encoded_fails_and_the_rest_goes_on(ready, now):
    person(1, now)
    person(2, now)
    placed = order(now)
    ready.driver.trouble[mobile(1)] = [errors.PduError("no")]
    ready.run()
    assert ready.counts(placed) == {"failed": 1, "sent": 1}
    assert ready.reason(placed) == "codec"


def test_a_receipt_is_written_also_when_nothing_may_follow(now):
    bench = Bench(now, urgent_messages_per_minute=6)
    bench.run()
    for number in range(2):
        person(number, now)
    placed = order(now)
    bench.run()
    assert bench.counts(placed) == {"sent": 1, "queued": 1}
    bench.step(13)
    bench.run()
    assert bench.counts(placed) == {"sent": 2}


def test_a_late_receipt_belongs_to_the_part_that_was_given_up_first(ready, now):
    for number in range(2):
        person(number, now)
    placed = order(now)
    first, second = errors.SubmitUnconfirmed(20, submit=1), errors.SubmitUnconfirmed(20, submit=2)
    ready.driver.trouble = {mobile(0): [first], mobile(1): [second]}
    ready.driver.after = {first, second}
    ready.step()
    ready.driver.before_start = lambda: ready.driver.events.append(LateReceipt(9, submit=1))
    ready.run()
    assert ready.counts(placed) == {"sent": 1, "unconfirmed": 1}
    assert {row.msisdn for row in recipients(placed.id, "unconfirmed").rows} == {mobile(1)}


@pytest.mark.parametrize("unplugged", [True, False])
def test_a_late_receipt_is_heard_before_the_port_is_given_up(ready, now, unplugged):
    for number in range(2):
        person(number, now)
    placed = order(now)
    first, second = errors.SubmitUnconfirmed(20, submit=1), errors.SubmitUnconfirmed(20, submit=2)
    second.__cause__ = errors.PortGone("unplugged") if unplugged else errors.ModemTimeout("writing to the port")
    ready.driver.trouble = {mobile(0): [first], mobile(1): [second]}
    ready.driver.after = {first, second}
    ready.step()
    ready.driver.before_start = lambda: ready.driver.events.extend([LateReceipt(9, submit=1), PortLost()])
    ready.driver.silent = True
    ready.step()
    assert ready.counts(placed) == {"sent": 1, "unconfirmed": 1}


def test_a_defect_of_ours_leaves_nothing_in_nobodys_hands(ready, now):
    for number in range(2):
        person(number, now)
    placed = order(now)
    before, after = RuntimeError("before"), RuntimeError("after")
    ready.driver.trouble = {mobile(0): [after], mobile(1): [before]}
    ready.driver.after = {after}
    for defect in ("after", "before"):
        with pytest.raises(RuntimeError, match=defect):
            ready.run()
    assert ready.counts(placed) == {"unconfirmed": 1, "queued": 1}


def test_a_part_on_which_we_fail_does_not_keep_the_others_waiting(ready, now):
    for number in range(3):
        person(number, now)
    placed = order(now)
    ready.driver.trouble = {mobile(0): [RuntimeError("ours") for _ in range(9)]}
    with pytest.raises(RuntimeError):
        ready.run()
    ready.worker.close()
    ready.run()
    assert ready.counts(placed) == {"sent": 2, "queued": 1}
    assert ready.reason(placed) == "defect"
    ready.driver.trouble = {}
    ready.step(6)
    assert ready.counts(placed) == {"sent": 3}


def test_a_driver_that_forgets_that_the_pdu_went_out_doubles_nothing(ready, now):
    person(0, now)
    placed = order(now)
    strange = errors.ProtocolError("an answer that no rule covers")
    ready.driver.trouble = {mobile(0): [strange]}
    ready.driver.after = {strange}
    for _ in range(10):
        ready.step(1)
    assert ready.counts(placed) == {"unconfirmed": 1}


def test_what_was_heard_survives_a_modem_that_stops_answering(ready, now):
    for number in range(2):
        person(number, now)
    placed = order(now)
    ready.run()
    ready.driver.read_stored = Mutter([errors.ModemTimeout("AT+CMGR=3")])
    ready.driver.silent = True
    reports = [StatusReport(number + 1, mobile(number), now, 0) for number in range(2)]
    ready.driver.events = [StoredEvent("SM", 3, True), *reports]
    ready.step()
    assert ready.worker.status.state == "faulty"
    ready.driver.silent = False
    ready.step(2)
    ready.run()
    assert ready.counts(placed) == {"delivered": 2}


def test_a_text_in_the_place_of_a_report_is_not_deleted(ready, now):
    ready.driver.stored = {}
    ready.driver.events = [StoredEvent("SR", 3, True)]
    ready.run()
    assert ready.driver.deleted == []


class Mutter:
    """`read_stored` that raises what it was given, then finds nothing."""

    def __init__(self, troubles):
        self.troubles = troubles

    def __call__(self, _stored):
        if self.troubles:
            raise self.troubles.pop(0)


def test_closing_gives_back_what_was_claimed(ready, now):
    person(1, now)
    person(2, now)
    placed = order(now)
    ready.step()
    assert ready.counts(placed) == {"sent": 1, "sending": 1}
    ready.worker.close()
    assert ready.counts(placed) == {"sent": 1, "queued": 1}


def test_a_claim_does_not_outlive_the_network(ready, now):
    for number in range(3):
        person(number, now)
    placed = order(now)
    ready.step()
    assert ready.counts(placed) == {"sent": 1, "sending": 1, "queued": 1}
    ready.driver.registered = False
    ready.step(11)
    assert ready.counts(placed) == {"sent": 1, "queued": 2}
    cancel_broadcast(placed.id, "test", now)
    ready.driver.registered = True
    ready.step(11)
    ready.run()
    assert len(ready.driver.taken) == 1
