"""What is asked before an order is taken, and how it is written."""

from dataclasses import replace

import pytest
from peewee import OperationalError

from base.settings.values import SendingSettings
from db.alerts.orders import enqueue
from db.alerts.orders.earlier import counting_within_hour
from db.alerts.progress.progress import progress, recipients
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import (
    mark_pdu_started,
    mark_sent,
)
from db.alerts.queue.recovery import delete_cut_short, release_due
from db.models.broadcasts import Broadcast, Message, Part
from db.people.audience import Audience
from db.people.members.listing import member
from plp.services.forgetting import forget_member
from plp.services.orders import twins
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.refusals import Duplicate, NotReady, OverLimit, Refusal, WrongState
from rules.states import Stage
from tests.db.alerts.reporting import A, counts
from tests.support.people import LONG, SENDING, Text, cancel_broadcast, later, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")


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
    with pytest.raises(Duplicate, match="Le même texte a été envoyé en partie aux mêmes personnes il y a"):
        order(now)
    with pytest.raises(OverLimit):
        order(now, Text("Autre."), sending=few)


def test_a_repeat_is_told_by_how_far_the_first_one_is(now, modem):
    person(1, now)
    order(now)
    with pytest.raises(Duplicate, match="est prêt depuis"):
        order(now)
    mark_pdu_started(claim_part(modem, now), now)
    with pytest.raises(Duplicate, match="a été envoyé aux mêmes personnes"):
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


def test_what_is_held_counts_to_the_ceiling_and_what_was_stopped_does_not(now, modem):
    """Also where a crash left parts of the stopped one in the queue."""
    person(1, now)
    person(2, now)
    order(now)
    Broadcast.update(stage=Stage.HELD).execute()
    assert counting_within_hour(now) == 2
    Broadcast.update(stage=Stage.CANCELLED).execute()
    assert counting_within_hour(now) == 0


def test_no_drill_is_taken_when_nothing_could_send(now):
    person(1, now)
    with pytest.raises(NotReady, match="ne fonctionne pas"):
        order(now, kind="drill")
    ready_modem("a", now, A, state="absent", sentence="le port a disparu")
    with pytest.raises(NotReady, match="le port a disparu"):
        order(now, kind="drill")
    ready_modem("a", now, A)
    order(now, kind="drill")
    with pytest.raises(NotReady):
        order(later(now, 16), again=True, kind="drill")


def test_an_empty_audience_is_refused(now, modem):
    with pytest.raises(Refusal, match="destinataire"):
        order(now)
    person(1, now, sms=False)
    with pytest.raises(Refusal, match="destinataire"):
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


def test_an_order_cut_short_leaves_nothing(now, modem, monkeypatch):
    person(1, now)

    def full(*_arguments):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(enqueue.BroadcastWriter, "_write_messages", full)
        with pytest.raises(OperationalError):
            order(now, idempotency_key="k")
    assert Broadcast.select().count() == 0
    assert order(now, idempotency_key="k").recipients == 1


def test_who_is_erased_while_an_order_is_written_gets_nothing_and_the_others_all(now, modem, monkeypatch):
    people = [person(number, now) for number in range(5)]
    draft = MemberDraft("Zoé", "Nom", mobile(3), "", "fr", member(people[3]).neighbourhood_id, sms=True)
    save_member(None, draft, "test", now, number_shared=True)
    fill = enqueue.BroadcastWriter.fill

    def erased(*gone):
        def filled(writer, taken):
            for number in gone:
                forget_member(people[number], "test", now)
            return fill(writer, taken)

        return filled

    monkeypatch.setattr(enqueue, "CHUNK", 2)
    monkeypatch.setattr(enqueue.BroadcastWriter, "fill", erased(1, 3))
    placed = order(now)
    assert {row.msisdn for row in Message.select()} == {mobile(number) for number in (0, 2, 3, 4)}
    assert (placed.recipients, placed.parts, counts(placed.id, now)) == (4, 4, {"queued": 4})
    assert Message.get(Message.msisdn == mobile(3)).member.first_name == "Zoé"
    monkeypatch.setattr(enqueue.BroadcastWriter, "fill", erased(4))
    with pytest.raises(Refusal, match="Aucun destinataire"):
        order(now, audience=Audience(numbers=(mobile(4),)), again=True)
    assert Broadcast.select().count() == 1


def test_an_order_that_a_crash_cut_short_is_taken_for_none_and_does_not_stand_in_the_way(now, modem, monkeypatch):
    person(1, now)
    placed = order(now, idempotency_key="k")
    monkeypatch.setattr(twins, "WHOLE_WITHIN_LOOKS", 1)
    Broadcast.update(stage=Stage.PREPARING).execute()
    Part.delete().execute()
    with pytest.raises(WrongState, match="encore en préparation"):  # nobody knows yet whether it will be whole
        order(later(now, 30), idempotency_key="k")
    minute = later(now, 61)
    ready_modem("a", minute, A)
    assert delete_cut_short(minute) == 0
    assert order(minute, sending=SENDING).id != placed.id
    again = order(minute, idempotency_key="k", again=True)
    assert (again.state, again.recipients) == ("queued", 1)
    Broadcast.update(stage=Stage.PREPARING).execute()
    assert delete_cut_short(later(now, 600)) == 2


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
