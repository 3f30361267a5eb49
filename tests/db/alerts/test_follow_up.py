"""Correction and end of alert: to exactly those whom the alert reached."""

import threading
from datetime import timedelta

import pytest

from db.alerts.incidents.left_out import mark_called
from db.alerts.progress.progress import progress, recipients
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_released, mark_sent, mark_unconfirmed
from db.alerts.queue.reports import apply_report
from db.alerts.values import FollowUpOrder
from db.engine.connection import connected, writing
from db.models.broadcasts import Broadcast, Message, Part
from db.people.members.saving import cancel_queued_to
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.forgetting import forget_member
from plp.services.orders import following_up
from plp.services.orders.following_up import follows_late
from plp.services.zone import save_policy
from rules.refusals import Duplicate, Refusal
from rules.sentences import coded
from tests.db.alerts.reporting import report
from tests.support.people import (
    LONG,
    SENDING,
    Text,
    approve,
    cancel_broadcast,
    later,
    mobile,
    order,
    person,
    place_follow_up,
    ready_modem,
    resend_broadcast,
)

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"
CORRECTION = Text("Correction : fausse alerte.", "gsm7", ("Correction : fausse alerte.",))


def next_is(modem, now, outcome, reference=1):
    """The next part comes to this."""
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    match outcome:
        case "sent":
            mark_sent(claim, reference, modem, now)
        case "unconfirmed":
            mark_unconfirmed(claim, "no_answer", modem, now)
        case "failed":
            mark_failed(claim, "CMS 1", now)
    return claim


def correct(placed, now, text=CORRECTION, kind="correction", **how):
    return place_follow_up(FollowUpOrder(placed.id, kind, "test", **how), text, now)


def told(placed):
    return [row.msisdn for row in Message.select().where(Message.broadcast == placed.id).order_by(Message.id)]


@pytest.fixture
def alert(now, modem):
    """0 sent, 1 delivered, 2 undelivered, 3 refused, 4 unconfirmed, 5 and 6 wait."""
    for number in range(7):
        person(number, now)
    placed = order(now)
    for number, outcome in enumerate(["sent", "sent", "sent", "failed", "unconfirmed"]):
        next_is(modem, now, outcome, number)
    apply_report(report(now, 1, 1), now)
    apply_report(report(now, 2, 2, "undelivered", 0x41), now)
    return placed


def test_it_goes_to_exactly_those_sent_delivered_or_unconfirmed(alert, now):
    correction = correct(alert, now)
    assert told(correction) == [mobile(0), mobile(1), mobile(4)]
    assert progress(alert.id, now).counts["cancelled"] == 2
    assert progress(alert.id, now).state == "cancelled"
    row = Broadcast.get_by_id(correction.id)
    assert (row.kind, row.lane, row.release_at, row.deadline_at) == ("correction", 0, None, now + timedelta(hours=24))
    assert row.audience == coded("audience_reached", follows=alert.id).stored


def test_it_goes_before_what_waits_and_to_nobody_whom_the_stop_saved(alert, now, modem):
    order(now, priority="normal", text=LONG)
    end = correct(alert, now, kind="end")
    assert [next_is(modem, now, "sent", 10 + n).broadcast_id for n in range(3)] == [end.id] * 3
    assert Part.select().where(Part.broadcast == alert.id, Part.state == "queued").count() == 0


def test_who_left_is_skipped_before_and_after_the_order(now, modem):
    ids = [person(number, now) for number in range(3)]
    alert = order(now)
    for number in range(3):
        next_is(modem, now, "sent", number)
    forget_member(ids[0], "test", now)
    correction = correct(alert, now)
    assert told(correction) == [mobile(1), mobile(2)]
    forget_member(ids[1], "test", now)
    assert next_is(modem, now, "sent", 9).msisdn == mobile(2)
    assert progress(correction.id, now).counts["cancelled"] == 1


def test_what_a_modem_holds_is_corrected_only_if_it_goes_out(now, modem):
    for number in range(3):
        person(number, now)
    alert = order(now)
    next_is(modem, now, "sent")
    going, back = claim_part(modem, now), claim_part(modem, now)
    mark_pdu_started(going, now)
    correction = correct(alert, now)
    assert told(correction) == [mobile(0), mobile(1), mobile(2)]
    mark_sent(going, 2, modem, now)
    mark_released(back, "overtaken", now)
    assert [next_is(modem, now, "sent", 10 + n).msisdn for n in range(2)] == [mobile(0), mobile(1)]
    assert claim_part(modem, now) is None
    assert recipients(correction.id, "cancelled").rows[0].reason == "not_reached"
    assert progress(alert.id, now).counts["cancelled"] == 1


def test_who_was_called_about_an_alert_gets_the_sms_of_its_end(now, modem):
    ids = [person(number, now) for number in range(2)]
    alert = order(now)
    with writing():
        mark_called(alert.id, ids[1], True, "test", now)
    ended = correct(alert, now, kind="end")
    assert told(ended) == [mobile(1)], "nobody else had it"
    assert next_is(modem, now, "sent", 1).msisdn == mobile(1)
    assert progress(ended.id, now).taken == 1


def test_who_has_a_part_of_it_may_have_read_it(now, modem):
    for number in range(3):
        person(number, now)
    alert = order(now, text=LONG)
    for number in range(4):
        next_is(modem, now, "sent", number)
    assert told(correct(alert, now)) == [mobile(0), mobile(1)]
    assert progress(alert.id, now).state == "cancelled"


def test_with_parts_of_one_message_alone_the_rest_is_stopped(now, modem):
    person(0, now)
    person(1, now)
    alert = order(now, text=LONG)
    next_is(modem, now, "sent", 1)
    next_is(modem, now, "sent", 2)
    assert progress(alert.id, now).went_out
    assert told(correct(alert, now)) == [mobile(0)]
    assert Part.select().where(Part.broadcast == alert.id, Part.state == "queued").count() == 0


def test_refused_it_stops_nothing(now, modem):
    person(1, now)
    alert = order(now)
    with pytest.raises(Refusal, match="alerté personne"):
        correct(alert, now)
    waiting = order(now, sending=SENDING.__class__(undo_seconds=10), again=True)
    with pytest.raises(Refusal, match="annulez-le"):
        correct(waiting, now)
    next_is(modem, now, "sent")
    with pytest.raises(Refusal, match="maximum"):
        correct(alert, now, Text("x", "gsm7", ("x",) * 11))
    assert Broadcast.select().count() == 2
    with pytest.raises(Refusal, match="envoi 99 n'existe pas"):
        place_follow_up(FollowUpOrder(99, "end", "test"), CORRECTION, now)


def test_once_per_key_and_not_twice_by_accident(alert, now):
    first = correct(alert, now, idempotency_key="k")
    assert correct(alert, now, idempotency_key="k").id == first.id
    with pytest.raises(Duplicate):
        correct(alert, now)
    assert correct(alert, now, again=True).id != first.id


def test_pressed_twice_at_once_it_goes_once(alert, now, monkeypatch):
    stopped, both = following_up.storage.stop_the_rest, threading.Barrier(2, timeout=10)

    def meet(*args):
        people = stopped(*args)
        both.wait()
        return people

    monkeypatch.setattr(following_up.storage, "stop_the_rest", meet)
    answers = []

    def press():
        with connected():
            answers.append(correct(alert, now, idempotency_key="k").id)

    presses = [threading.Thread(target=press) for _ in range(2)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert len(answers) == 2
    assert len(set(answers)) == 1
    assert Broadcast.select().count() == 2


def test_a_day_later_it_needs_what_an_alert_needs(alert, now, modem):
    for name in ("Anne", "Benoît"):
        add_account(name, ["officer"], "quatre mots faciles à retenir", "test", now)
    save_policy(Policy(approval="second"), "test", now)
    soon, late = later(now, 86_400), later(now, 86_401)
    ready_modem("a", late, A)
    assert (follows_late(alert.id, soon), follows_late(alert.id, late)) == (False, True)
    first = correct(alert, soon)
    assert first.state == "queued"
    next_is(modem, soon, "sent", 20)
    asked = correct(alert, late, Text("Fin.", "gsm7", ("Fin.",)), kind="end")
    assert asked.state == "awaiting_approval"
    # a correction of a correction is no younger than the alert
    assert correct(first, late, Text("Non.", "gsm7", ("Non.",))).state == "awaiting_approval"
    approve(asked.id, "Benoît", 3, SENDING, late)
    assert Broadcast.get_by_id(asked.id).deadline_at == late + timedelta(hours=24)
    save_policy(Policy(approval="typed"), "test", late)
    assert correct(alert, late, Text("Fini.", "gsm7", ("Fini.",)), kind="end").state == "queued"


@pytest.mark.parametrize(("only", "number"), [("failed", 1), ("unconfirmed", 1), ("cancelled", 2)])
def test_what_was_corrected_is_sent_again_to_nobody(alert, now, modem, only, number):
    correction = correct(alert, now)
    with pytest.raises(Refusal, match=f"envoi {correction.id}\\) : il ne peut plus"):
        resend_broadcast(alert.id, only, "test", SENDING, now)
    assert progress(alert.id, now).superseded
    assert not progress(correction.id, now).superseded
    cancel_broadcast(correction.id, "test", now)
    assert not progress(alert.id, now).superseded
    assert resend_broadcast(alert.id, only, "test", SENDING, now) == number


def test_who_was_stopped_is_sent_it_after_all_and_who_left_is_not(alert, now, modem):
    waiting = progress(alert.id, now).counts["queued"]
    assert waiting > 1
    gone = Message.get(Message.id == Part.get(Part.broadcast == alert.id, Part.state == "queued").message_id)
    cancel_queued_to(gone.msisdn, now, "test")
    cancel_broadcast(alert.id, "test", now)
    assert progress(alert.id, now).called_off == waiting - 1
    assert resend_broadcast(alert.id, "cancelled", "test", SENDING, now) == waiting - 1
    after = progress(alert.id, now)
    assert (after.counts["queued"], after.counts["cancelled"], after.called_off) == (waiting - 1, 1, 0)
    with pytest.raises(Refusal, match="Aucun message"):
        resend_broadcast(alert.id, "cancelled", "test", SENDING, now)


def test_what_was_taken_back_before_anybody_had_it_is_not_sent_again(now, modem):
    person(90, now)
    placed = order(now)
    cancel_broadcast(placed.id, "test", now)
    assert progress(placed.id, now).called_off == 0
    with pytest.raises(Refusal, match="Aucun message"):
        resend_broadcast(placed.id, "cancelled", "test", SENDING, now)


def test_a_correction_is_not_sent_again_after_the_end(alert, now, modem):
    correction = correct(alert, now)
    for outcome in ("failed", "sent", "sent"):
        next_is(modem, now, outcome, 20)
    assert not progress(correction.id, now).superseded
    end = correct(alert, now, Text("Fin.", "gsm7", ("Fin.",)), kind="end")
    with pytest.raises(Refusal, match=f"envoi {end.id}\\) : il ne peut plus"):
        resend_broadcast(correction.id, "failed", "test", SENDING, now)
    assert not progress(end.id, now).superseded


def test_a_correction_that_was_stopped_on_its_way_still_stands(alert, now, modem):
    correction = correct(alert, now)
    next_is(modem, now, "sent", 20)
    cancel_broadcast(correction.id, "test", now)
    with pytest.raises(Refusal, match="il ne peut plus être renvoyé"):
        resend_broadcast(alert.id, "failed", "test", SENDING, now)


def test_sent_again_between_the_stop_and_the_correction_it_is_stopped_anew(alert, now, monkeypatch):
    stopped = following_up.storage.stop_the_rest

    def meanwhile(*args):
        people = stopped(*args)
        resend_broadcast(alert.id, "failed", "test", SENDING, now)
        return people

    monkeypatch.setattr(following_up.storage, "stop_the_rest", meanwhile)
    with pytest.raises(Refusal, match="recommencez"):
        correct(alert, now)
    monkeypatch.undo()
    assert told(correct(alert, now)) == [mobile(0), mobile(1), mobile(4)]
    assert progress(alert.id, now).counts["queued"] == 0


def test_the_thread_is_told_on_both_ends(alert, now):
    correction = correct(alert, now)
    end = correct(alert, now, Text("Fin.", "gsm7", ("Fin.",)), kind="end")
    assert [(each.id, each.kind) for each in progress(alert.id, now).follow_ups] == [
        (correction.id, "correction"),
        (end.id, "end"),
    ]
    assert progress(end.id, now).follows == alert.id
    assert progress(alert.id, now).follows is None


def test_a_correction_can_be_corrected_and_a_stopped_alert_too(alert, now, modem):
    cancel_broadcast(alert.id, "test", now)
    correction = correct(alert, now)
    next_is(modem, now, "sent", 20)
    assert told(correct(correction, now, Text("Non.", "gsm7", ("Non.",)))) == [mobile(0)]


def test_of_a_drill_it_stays_behind_alerts(now, modem):
    person(1, now)
    drill = order(now, kind="drill")
    next_is(modem, now, "sent")
    assert Broadcast.get_by_id(correct(drill, now, kind="end").id).lane == 1


def test_it_comes_from_the_number_that_the_member_knows(now, modem):
    other = ready_modem("b", now, B)
    for number in range(2):
        person(number, now)
    alert = order(now)
    next_is(modem, now, "sent", 1)
    next_is(other, now, "sent", 2)
    correct(alert, now)
    assert next_is(other, now, "sent", 3).msisdn == mobile(1)
    assert next_is(modem, now, "sent", 4).msisdn == mobile(0)
