"""From an order to what became of each part."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from peewee import OperationalError

from db.alerts.orders import enqueue
from db.alerts.orders.control import cancel_broadcast, expire_broadcast, release_broadcast
from db.alerts.orders.resending import resend_broadcast
from db.alerts.progress.progress import progress, recipients
from db.alerts.queue.claim import claim_part
from db.alerts.queue.housekeeping import close_done, delete_cut_short, expire_due, release_due
from db.alerts.queue.marks import (
    ClaimLost,
    mark_failed,
    mark_pdu_started,
    mark_released,
    mark_retry,
    mark_sent,
    mark_sent_and_claim,
    mark_unconfirmed,
)
from db.alerts.queue.recovery import recover, take_back_expired
from db.alerts.queue.reports import NetworkReport, apply_report
from db.alerts.values import Sender
from db.engine.connection import connected
from db.models.broadcasts import Broadcast, Message, Part
from db.modems.status import queue
from db.people.audience import Audience
from db.people.members.listing import member
from db.people.members.saving import MemberDraft, save_member
from db.settings.values import SendingSettings
from plp.rules.refusals import Duplicate, NotReady, OverLimit, Refusal
from plp.rules.states import Stage
from plp.services.forgetting import forget_member
from tests.support.people import LONG, SENDING, Text, later, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"


@pytest.fixture
def modem(now) -> Sender:
    return ready_modem("a", now, A)


def counts(broadcast_id, now):
    shown = progress(broadcast_id, now)
    assert sum(shown.counts.values()) == shown.recipients
    return {state: count for state, count in shown.counts.items() if count}


def report(now, reference, number, outcome="delivered", status=0, imsi=A):
    return NetworkReport(imsi, reference, mobile(number), now, status, outcome)


def test_order_claim_sent_delivered(now, modem):
    person(1, now)
    person(2, now)
    placed = order(now)
    assert (placed.state, placed.recipients, placed.parts, placed.encoding) == ("queued", 2, 2, "gsm7")

    claim = claim_part(modem, now)
    assert (claim.msisdn, claim.text, claim.seq, claim.total) == (mobile(1), Text().text, 1, 1)
    assert counts(placed.id, now) == {"queued": 1, "sending": 1}
    mark_pdu_started(claim, now)
    following = mark_sent_and_claim(claim, 7, modem, later(now, 1))
    assert following.msisdn == mobile(2)
    assert apply_report(report(now, 7, 1), later(now, 2))
    assert counts(placed.id, now) == {"delivered": 1, "sending": 1}
    assert progress(placed.id, now).state == "sending"
    mark_pdu_started(following, now)
    mark_sent(following, 8, modem, now)
    assert progress(placed.id, now).state == "finished"
    assert progress(placed.id, now).taken == 2
    assert claim_part(modem, now) is None


def test_coordinators_first_then_the_neighbourhoods_in_the_chosen_order(now, modem):
    person(1, now, "Plainevaux")
    person(2, now, "Rotheux")
    person(3, now, "Plainevaux", role="coordinator")
    person(4, now, "Neuville")
    order(now, audience=Audience(neighbourhoods=("Rotheux", "Plainevaux")))
    taken = [claim_part(modem, now).msisdn for _ in range(3)]
    assert taken == [mobile(3), mobile(2), mobile(1)]
    assert claim_part(modem, now) is None


def test_a_shared_number_gets_one_message(now, modem):
    person(1, now)
    save_member(None, replace_draft(1, now), "test", now, number_shared=True)
    assert order(now).recipients == 1


def replace_draft(number, now):
    first = member(1)
    return MemberDraft("Autre", "Personne", mobile(number), "", "fr", first.neighbourhood_id)


def test_an_alert_overtakes_at_the_next_part(now, modem):
    for number in range(3):
        person(number, now)
    slow = order(now, priority="normal")
    claim_part(modem, now)
    fast = order(now, text=Text("Autre", "gsm7", ("Autre",)))
    drill = order(now, text=Text("EXERCICE", "gsm7", ("EXERCICE",)), kind="drill")
    served = [claim_part(modem, now).broadcast_id for _ in range(8)]
    assert served == [fast.id] * 3 + [drill.id] * 3 + [slow.id] * 2


def test_lanes_can_be_held_back(now, modem):
    person(1, now)
    order(now, priority="normal")
    assert claim_part(modem, now, lowest_lane=1) is None
    assert claim_part(modem, now, lowest_lane=2) is not None


def test_the_parts_of_a_message_stay_on_one_sim(now, modem):
    other = ready_modem("b", now, B)
    person(1, now)
    person(2, now)
    placed = order(now, text=LONG)
    first = claim_part(modem, now)
    second = claim_part(other, now)
    assert (first.msisdn, first.seq, second.msisdn, second.seq) == (mobile(1), 1, mobile(2), 1)
    assert [first.text, claim_part(modem, now).text, claim_part(modem, now).text] == list(LONG.segments)
    assert claim_part(modem, now) is None
    assert placed.parts == 6


def test_the_worst_part_names_the_message_and_cancels_its_siblings(now, modem):
    person(1, now)
    placed = order(now, text=LONG)
    first = claim_part(modem, now)
    mark_pdu_started(first, now)
    mark_sent(first, 1, modem, now)
    second = claim_part(modem, now)
    mark_failed(second, "CMS 304", now)
    assert counts(placed.id, now) == {"failed": 1}
    assert claim_part(modem, now) is None
    assert recipients(placed.id).rows[0].reason == "CMS 304"

    assert resend_broadcast(placed.id, "failed", "test", SENDING, now) == 1
    again = [claim_part(modem, now) for _ in range(3)]
    assert [claim.text for claim in again] == list(LONG.segments)
    assert {claim.reference for claim in again} == {first.reference + 1}


def test_a_retry_goes_to_the_tail_and_may_change_sim(now, modem):
    other = ready_modem("b", now, B)
    person(1, now)
    person(2, now)
    order(now)
    claim = claim_part(modem, now)
    mark_retry(claim, "CMS 41", later(now, 5), now)
    assert claim_part(modem, now).msisdn == mobile(2)
    assert claim_part(modem, later(now, 4)) is None
    again = claim_part(other, later(now, 5))
    assert (again.msisdn, again.retries) == (mobile(1), 1)


def test_a_released_claim_keeps_its_place(now, modem):
    person(1, now)
    person(2, now)
    order(now)
    claim = claim_part(modem, now)
    mark_released(claim, "no_prompt", now)
    again = claim_part(modem, now)
    assert (again.msisdn, again.retries) == (mobile(1), 0)
    with pytest.raises(ClaimLost):
        mark_sent(claim, 1, modem, now)


def test_a_report_that_overtakes_its_receipt_is_found(now, modem):
    person(1, now)
    placed = order(now)
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    assert not apply_report(report(now, 9, 1), now)
    mark_sent(claim, 9, modem, now)
    assert counts(placed.id, now) == {"delivered": 1}


def test_reports_match_by_sim_reference_and_number(now, modem):
    other = ready_modem("b", now, B)
    person(1, now)
    person(2, now)
    placed = order(now)
    first, second = claim_part(modem, now), claim_part(other, now)
    for claim, sender in ((first, modem), (second, other)):
        mark_pdu_started(claim, now)
        mark_sent(claim, 5, sender, now)
    assert not apply_report(report(now, 5, 3), now)
    assert apply_report(report(now, 5, 2, imsi=B), now)
    assert counts(placed.id, now) == {"sent": 1, "delivered": 1}
    assert apply_report(report(now, 5, 1, "undelivered", 0x41), now)
    assert counts(placed.id, now) == {"undelivered": 1, "delivered": 1}
    assert apply_report(report(now, 5, 1), now)
    assert counts(placed.id, now) == {"delivered": 2}
    # a second, worse report changes nothing: delivered is the end
    assert apply_report(report(now, 5, 1, "expired", 0x46), now)
    assert counts(placed.id, now) == {"delivered": 2}


def test_unconfirmed_is_never_resent_by_itself_and_a_report_resolves_it(now, modem):
    person(1, now)
    person(2, now)
    placed = order(now)
    for _ in range(2):
        claim = claim_part(modem, now)
        mark_pdu_started(claim, now)
        mark_unconfirmed(claim, "no_answer", modem, later(now, 20))
    assert counts(placed.id, now) == {"unconfirmed": 2}
    assert claim_part(modem, later(now, 3600)) is None
    assert apply_report(report(now, 77, 1), later(now, 30))
    assert counts(placed.id, now) == {"unconfirmed": 1, "delivered": 1}
    assert resend_broadcast(placed.id, "unconfirmed", "test", SENDING, now) == 1
    assert claim_part(modem, now).msisdn == mobile(2)


def test_recovery_returns_what_is_certain_and_says_what_is_not(now, modem):
    for number in range(3):
        person(number, now)
    placed = order(now)
    claim_part(modem, now)
    started = claim_part(modem, now)
    mark_pdu_started(started, now)
    found = recover(now, timedelta(minutes=30))
    assert (found.requeued, found.unconfirmed, found.held) == (1, 1, 0)
    assert counts(placed.id, now) == {"queued": 2, "unconfirmed": 1}
    with pytest.raises(ClaimLost):
        mark_retry(started, "CMS 38", now, now)
    assert recover(now, timedelta(minutes=30)).requeued == 0


def test_a_receipt_that_comes_after_its_lease_still_counts(now, modem):
    """The database was away for longer than a lease, or the clock jumped: the worker still holds what it was told."""
    for number in range(2):
        person(number, now)
    placed = order(now)
    started = claim_part(modem, now)
    mark_pdu_started(started, now)
    assert take_back_expired(later(now, 700)) == 1
    apply_report(report(later(now, 1), 3, 0), later(now, 701))
    claimed = mark_sent_and_claim(started, 3, modem, later(now, 702))
    assert claimed is not None
    assert claimed.msisdn == mobile(1)
    assert counts(placed.id, now) == {"delivered": 1, "sending": 1}


def test_stale_urgent_work_is_held_until_a_person_decides(now, modem):
    person(1, now)
    placed = order(now)
    late = later(now, 3600)
    assert recover(late, timedelta(minutes=30)).held == 1
    assert progress(placed.id, late).state == "held"
    assert claim_part(modem, late) is None
    assert queue().held == 1
    release_broadcast(placed.id, "test", SENDING, late)
    assert recover(late, timedelta(minutes=30)).held == 0
    assert claim_part(modem, late) is not None


def test_when_nobody_knows_how_long_the_outage_was_urgent_work_is_held_whatever_its_age(now, modem):
    person(1, now)
    urgent, normal = order(now), order(now, priority="normal", again=True)
    assert recover(now, None).held == 1
    assert progress(urgent.id, now).state == "held"
    assert progress(normal.id, now).state == "queued"


def test_held_work_can_lapse(now, modem):
    person(1, now)
    placed = order(now)
    recover(later(now, 3600), timedelta(minutes=30))
    assert expire_broadcast(placed.id, "test", now) == 1
    assert counts(placed.id, now) == {"expired": 1}
    with pytest.raises(Refusal):
        release_broadcast(placed.id, "test", SENDING, now)


def test_past_its_deadline_nothing_goes_out(now, modem):
    person(1, now)
    placed = order(now)
    assert claim_part(modem, later(now, 5 * 3600)) is None
    assert expire_due(later(now, 3600)) == 0
    assert expire_due(later(now, 5 * 3600)) == 1
    assert counts(placed.id, now) == {"expired": 1}


def test_a_broadcast_without_work_is_closed_and_opens_again(now, modem):
    person(1, now)
    placed = order(now)
    assert close_done() == 0
    claim = claim_part(modem, now)
    assert close_done() == 0
    mark_failed(claim, "CMS 1", now)
    assert close_done() == 1
    assert progress(placed.id, now).state == "finished"
    resend_broadcast(placed.id, "failed", "test", SENDING, now)
    assert claim_part(modem, now) is not None


def test_undo_seconds_run_in_the_database(now, modem):
    person(1, now)
    placed = order(now, sending=SendingSettings(undo_seconds=10))
    assert placed.state == "scheduled"
    assert claim_part(modem, now) is None
    assert release_due(later(now, 9)) == 0
    assert release_due(later(now, 10)) == 1
    assert claim_part(modem, later(now, 10)) is not None


def test_cancel_stops_what_waits(now, modem):
    person(1, now)
    person(2, now)
    placed = order(now)
    claim = claim_part(modem, now)
    assert cancel_broadcast(placed.id, "test", now) == 1
    assert claim_part(modem, now) is None
    mark_pdu_started(claim, now)
    mark_sent(claim, 1, modem, now)
    assert counts(placed.id, now) == {"sent": 1, "cancelled": 1}
    assert progress(placed.id, now).state == "cancelled"
    with pytest.raises(Refusal):
        cancel_broadcast(placed.id, "test", now)


def test_opt_out_and_erasure_stop_what_is_queued(now, modem):
    leaving, erased = person(1, now), person(2, now)
    placed = order(now)
    card = member(leaving)
    draft = MemberDraft(card.first_name, card.last_name, card.mobile, "", "fr", card.neighbourhood_id, sms=False)
    save_member(leaving, draft, "test", now)
    forget_member(erased, "test", now)
    assert counts(placed.id, now) == {"cancelled": 2}
    assert claim_part(modem, now) is None
    assert {row.name for row in recipients(placed.id).rows} == {"Prénom1 Nom001", ""}


def test_what_was_stopped_on_its_way_is_still_a_repeat_and_counts(now, modem):
    person(1, now)
    person(2, now)
    few = SENDING.__class__(undo_seconds=0, hourly_ceiling=2)
    cancel_broadcast(order(now).id, "test", now)
    placed = order(now)
    mark_pdu_started(claim_part(modem, now), now)
    cancel_broadcast(placed.id, "test", now)
    with pytest.raises(Duplicate, match="arrêté en route"):
        order(now)
    with pytest.raises(OverLimit):
        order(now, Text("Autre."), sending=few)


def test_a_repeat_is_told_by_how_far_the_first_one_is(now, modem):
    person(1, now)
    order(now)
    with pytest.raises(Duplicate, match="prêt à partir"):
        order(now)
    mark_pdu_started(claim_part(modem, now), now)
    with pytest.raises(Duplicate, match="déjà parti"):
        order(now)


def test_the_same_text_to_the_same_people_asks_again(now, modem):
    person(1, now)
    order(now)
    ready_modem("a", later(now, 300), A)
    with pytest.raises(Duplicate):
        order(later(now, 300))
    person(2, now)
    order(later(now, 300))
    order(later(now, 301), again=True)
    ready_modem("a", later(now, 1000), A)
    order(later(now, 1000))


def test_an_idempotency_key_sends_once(now, modem):
    person(1, now)
    first = order(now, idempotency_key="k")
    assert order(now, idempotency_key="k") == first


def test_the_hourly_ceiling_needs_a_reason(now, modem):
    person(1, now)
    person(2, now)
    low = replace(SENDING, hourly_ceiling=3)
    order(now, sending=low)
    with pytest.raises(OverLimit):
        order(now, text=LONG, sending=low)
    order(now, text=LONG, sending=low, override_reason="crue")
    ready_modem("a", later(now, 3700), A)
    order(later(now, 3700), sending=low)


def test_nothing_is_taken_when_nothing_could_send(now):
    person(1, now)
    with pytest.raises(NotReady, match="ne tourne pas"):
        order(now)
    ready_modem("a", now, A, state="absent", sentence="le port a disparu")
    with pytest.raises(NotReady, match="le port a disparu"):
        order(now)
    ready_modem("a", now, A)
    order(now)
    with pytest.raises(NotReady):
        order(later(now, 16), again=True)


def test_an_empty_audience_is_refused(now, modem):
    with pytest.raises(Refusal, match="personne"):
        order(now)
    person(1, now, sms=False)
    with pytest.raises(Refusal, match="personne"):
        order(now)
    with pytest.raises(Refusal, match="Quartier inconnu : Nulle part"):
        order(now, audience=Audience(neighbourhoods=("Nulle part",)))
    with pytest.raises(Refusal, match="aucun membre"):
        order(now, audience=Audience(numbers=("0470 99 99 99",)))


def test_simulated_is_for_ever(now):
    simulator = ready_modem("a", now, "001010000000001", simulated=True)
    person(1, now)
    placed = order(now)
    assert placed.simulated
    claim = claim_part(simulator, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 1, simulator, now)
    ready_modem("a", now, A)
    assert progress(placed.id, later(now, 86400 * 365)).simulated


def test_the_reference_differs_between_messages_to_one_person(now, modem):
    person(1, now)
    seen = []
    for last in (None, None, 254, None, None):
        if last is not None:
            Message.update(reference=last).execute()
        order(now, text=LONG, again=True)
        seen.append(claim_part(modem, now).reference)
        assert [claim_part(modem, now).seq for _ in range(2)] == [2, 3]
    assert seen == [0, 1, 255, 0, 1]


def test_two_orders_at_once_see_each_other(now, modem, database):
    """Eight threads order the same text to the same people at the same moment: one goes through."""
    person(1, now)
    outcomes = []

    def place():
        with connected():
            try:
                outcomes.append(order(now).id)
            except Duplicate:
                outcomes.append(None)

    threads = [threading.Thread(target=place) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome for outcome in outcomes if outcome is not None] == [1]
    assert len(outcomes) == 8


def test_a_message_that_is_half_out_is_still_being_sent(now, modem):
    person(1, now)
    placed = order(now, text=LONG)
    first = claim_part(modem, now)
    mark_pdu_started(first, now)
    mark_unconfirmed(first, "no_answer", modem, now)
    second = claim_part(modem, now)
    assert counts(placed.id, now) == {"unconfirmed": 1}
    assert progress(placed.id, now).state == "sending"
    with pytest.raises(Refusal, match="en train de partir"):
        resend_broadcast(placed.id, "unconfirmed", "test", SENDING, now)
    mark_released(second, "modem_lost", now)
    resend_broadcast(placed.id, "unconfirmed", "test", SENDING, now)
    assert [claim_part(modem, now).text for _ in range(3)] == list(LONG.segments)


def test_a_resend_never_releases_held_work(now, modem):
    for number in range(2):
        person(number, now)
    placed = order(now)
    mark_failed(claim_part(modem, now), "CMS 1", now)
    recover(later(now, 3600), timedelta(minutes=30))
    with pytest.raises(Refusal, match="décision"):
        resend_broadcast(placed.id, "failed", "test", SENDING, later(now, 3600))
    assert claim_part(modem, later(now, 3600)) is None


def test_an_order_cut_short_leaves_nothing(now, modem, monkeypatch):
    person(1, now)

    def full(*_arguments):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(enqueue, "_write_messages", full)
        with pytest.raises(OperationalError):
            order(now, idempotency_key="k")
    assert Broadcast.select().count() == 0
    assert order(now, idempotency_key="k").recipients == 1


def test_an_order_that_a_crash_cut_short_does_not_stand_in_the_way(now, modem):
    person(1, now)
    placed = order(now, idempotency_key="k")
    Broadcast.update(stage=Stage.PREPARING).execute()
    Part.delete().execute()
    minute = later(now, 61)
    ready_modem("a", minute, A)
    assert delete_cut_short(minute) == 0
    assert order(minute, sending=SENDING).id != placed.id
    again = order(minute, idempotency_key="k", again=True)
    assert (again.state, again.recipients) == ("queued", 1)
    Broadcast.update(stage=Stage.PREPARING).execute()
    assert delete_cut_short(later(now, 600)) == 2


def test_a_claim_past_its_lease_is_taken_back(now, modem):
    for number in range(2):
        person(number, now)
    placed = order(now)
    claim_part(modem, now)
    mark_pdu_started(claim_part(modem, now), now)
    assert take_back_expired(later(now, 599)) == 0
    assert take_back_expired(later(now, 601)) == 2
    assert counts(placed.id, now) == {"queued": 1, "unconfirmed": 1}


def test_a_long_order_is_written_in_the_order_of_sending_whole_and_in_several_transactions(now, monkeypatch):
    monkeypatch.setattr(enqueue, "CHUNK", 6)
    modem = ready_modem("a", now)
    for number in range(7):
        person(number, now)
    order(now, text=LONG, audience=Audience(numbers=(mobile(3),)))
    placed = order(now, text=LONG)
    assert (placed.recipients, placed.parts) == (7, 21)
    parts = Part.select(Part, Message).join(Message).where(Part.broadcast == placed.id).order_by(Part.ring, Part.id)
    assert [(part.message.msisdn, part.seq) for part in parts] == [
        (mobile(number), seq) for number in range(7) for seq in (1, 2, 3)
    ]
    # only number 3 got a message before
    assert [part.message.reference for part in parts if part.seq == 1] == [0, 0, 0, 1, 0, 0, 0]
    assert claim_part(modem, now, 2) is not None
