"""A second person's say: nothing goes out before it, it is given once, and doing without it stays visible."""

from dataclasses import replace
from datetime import timedelta

import pytest
from peewee import SqliteDatabase

from db.alerts.orders.approval import approval_of, lapse_approvals, waiting_approvals
from db.alerts.progress.progress import progress, running
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.queue.recovery import release_due
from db.alerts.values import FollowUpOrder, Order
from db.engine.base import database
from db.journal.audit import entries
from db.models.broadcasts import Broadcast, Part
from db.modems.budgets import apply_configured
from db.people.audience import Audience
from db.people.zone import APPROVAL_WITHIN, Policy
from plp.services.accounts.rights import add_account
from plp.services.broadcasts import Request
from plp.services.orders.approving import go_alone, refuse_broadcast
from plp.services.orders.placing import place
from plp.services.zone import save_policy
from rules.orders.agreement import Hand, WrongCount
from rules.orders.budgets import Limits
from rules.people import Actor
from rules.refusals import Duplicate, OverBudget, Refusal
from tests.support.hosts import at_once
from tests.support.people import (
    SENDING,
    Text,
    approve,
    break_glass,
    cancel_broadcast,
    later,
    order,
    person,
    place_follow_up,
    plans_of,
    ready_modem,
    release_broadcast,
    resend_broadcast,
    resume_broadcast,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def modem(now):
    return ready_modem("a", now)


PASSWORD = "quatre mots faciles à retenir"
TEXT = "Vol rue de la Station, 21h40. Restez chez vous, appelez le 101."
UNDO = replace(SENDING, undo_seconds=10)


@pytest.fixture(autouse=True)
def two_officers(database, now):
    for name in ("Anne", "Benoît"):
        add_account(name, ["officer"], PASSWORD, "test", now)
    save_policy(Policy(approval="second"), "test", now)


@pytest.fixture
def asked(now, modem):
    """An alert to three people, written by Anne."""
    for number in range(3):
        person(number, now)
    return order(now, by="Anne", sending=UNDO)


def audited(action):
    return [entry for entry in entries() if entry.action == action]


def test_nothing_goes_out_before_the_second_person(asked, modem, now):
    assert asked.state == "awaiting_approval"
    far = later(now, 600)
    release_due(far)
    assert claim_part(modem, far) is None
    assert [card.broadcast_id for card in waiting_approvals(far)] == [asked.id]
    assert running(now) == []
    card = approval_of(asked.id)
    assert (card.outcome, card.ordered_by, card.recipients) == ("waiting", "Anne", 3)
    assert card.lapses_at - now == APPROVAL_WITHIN


def test_approved_it_has_its_undo_seconds_and_a_deadline_from_then_on(asked, modem, now):
    then = later(now, 300)
    approve(asked.id, "Benoît", 3, UNDO, then)
    shown = progress(asked.id, then)
    assert (shown.state, shown.release_at) == ("scheduled", later(then, 10))
    assert shown.deadline_at == later(then, 10) + UNDO.validity_urgent
    assert claim_part(modem, then) is None
    release_due(later(then, 10))
    assert claim_part(modem, later(then, 10)) is not None
    assert (approval_of(asked.id).outcome, approval_of(asked.id).decided_by) == ("approved", "Benoît")
    assert [entry.actor for entry in audited("broadcast_approved")] == ["Benoît"]
    assert waiting_approvals(then) == []


def test_nobody_approves_their_own(asked, now):
    with pytest.raises(
        Refusal, match="Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte"
    ):
        approve(asked.id, "Anne", 3, UNDO, now)
    assert progress(asked.id, now).state == "awaiting_approval"


@pytest.mark.parametrize("orderer", ["API Anne", "api  anne", "ANNE", "anne (terminal)"])
def test_nobody_approves_what_their_token_or_terminal_ordered(modem, now, orderer):
    person(1, now)
    placed = order(now, by=orderer, sending=UNDO)
    with pytest.raises(
        Refusal, match="Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte"
    ):
        approve(placed.id, "Anne", 1, UNDO, now)
    assert approval_of(placed.id).is_by("Anne")
    approve(placed.id, "Benoît", 1, UNDO, now)


@pytest.mark.parametrize("typed", [None, 0, 2, 33])
def test_a_wrong_number_approves_nothing(asked, now, typed):
    with pytest.raises(Refusal, match="Aucun SMS n'a été envoyé"):
        approve(asked.id, "Benoît", typed, UNDO, now)
    assert progress(asked.id, now).state == "awaiting_approval"


def test_refused_with_a_reason_it_is_over(asked, modem, now):
    with pytest.raises(Refusal, match=r"[Mm]otif"):
        refuse_broadcast(asked.id, "Benoît", " non ", now)
    refuse_broadcast(asked.id, "Benoît", "Mauvaise rue", now)
    shown = progress(asked.id, now)
    assert (shown.state, shown.counts["cancelled"]) == ("cancelled", 3)
    assert {part.reason for part in Part.select()} == {"not_approved"}
    assert (approval_of(asked.id).outcome, approval_of(asked.id).reason) == ("refused", "Mauvaise rue")
    with pytest.raises(Refusal, match="déjà décidé"):
        approve(asked.id, "Benoît", 3, UNDO, now)
    # what was refused is no repeat: a better text may go to the same people, and the same one too
    assert order(now, by="Anne", sending=UNDO).id != asked.id


def test_after_a_quarter_of_an_hour_it_lapses(asked, modem, now):
    assert lapse_approvals(later(now, 899)) == 0
    late = now + APPROVAL_WITHIN
    with pytest.raises(Refusal, match="non validé à temps"):
        approve(asked.id, "Benoît", 3, UNDO, late)
    assert waiting_approvals(late) == []
    assert lapse_approvals(late) == 1
    assert lapse_approvals(late) == 0
    assert progress(asked.id, late).state == "cancelled"
    assert approval_of(asked.id).outcome == "lapsed"
    assert {part.reason for part in Part.select()} == {"approval_lapsed"}
    assert [entry.actor for entry in audited("approval_lapsed")] == ["plp"]


def test_alone_while_it_waits(asked, modem, now):
    with pytest.raises(Refusal, match=r"[Mm]otif"):
        break_glass(asked.id, "Anne", "", UNDO, now)
    break_glass(asked.id, "Anne", "Personne ne répond,  vol en cours", UNDO, now)
    assert progress(asked.id, now).state == "scheduled"
    card = approval_of(asked.id)
    assert (card.outcome, card.decided_by, card.reason) == ("alone", "Anne", "Personne ne répond, vol en cours")
    [entry] = audited("approval_alone")
    assert (entry.actor, entry.detail["reason"]) == ("Anne", "Personne ne répond, vol en cours")


def test_alone_from_the_start(modem, now):
    person(1, now)
    with pytest.raises(Refusal, match=r"[Mm]otif"):
        order(now, alone_because="bof")
    assert Broadcast.select().count() == 0
    placed = order(now, alone_because="Seule de garde cette nuit")
    assert placed.state == "queued"
    assert claim_part(modem, now) is not None
    assert approval_of(placed.id).outcome == "alone"
    assert len(audited("approval_alone")) == 1


def test_a_reason_without_need_is_no_break_glass(modem, now):
    save_policy(Policy(), "test", now)
    person(1, now)
    assert approval_of(order(now, alone_because="Seule de garde").id) is None
    assert audited("approval_alone") == []


def test_withdrawn_by_whoever_wrote_it(asked, now):
    cancel_broadcast(asked.id, "Anne", now)
    assert approval_of(asked.id).outcome == "withdrawn"
    assert waiting_approvals(now) == []
    with pytest.raises(Refusal):
        approve(asked.id, "Benoît", 3, UNDO, now)
    assert lapse_approvals(now + APPROVAL_WITHIN) == 0


def test_nothing_else_lets_it_go(asked, now):
    for way_out in (
        lambda: resume_broadcast(asked.id, "Anne", now),
        lambda: release_broadcast(asked.id, "Anne", UNDO, now),
        lambda: resend_broadcast(asked.id, "failed", "Anne", UNDO, now),
        lambda: place_follow_up(FollowUpOrder(asked.id, "correction", "Anne"), Text(), now),
    ):
        with pytest.raises(Refusal):
            way_out()
    assert progress(asked.id, now).state == "awaiting_approval"


def test_the_same_key_and_the_same_text_meet_what_waits(modem, now):
    person(1, now)
    first = order(now, by="Anne", idempotency_key="k")
    assert order(now, by="Anne", idempotency_key="k") == first
    with pytest.raises(Duplicate, match="attend une validation depuis 1 min"):
        order(now, by="Anne")


def placed(now, because=None, typed="1", **changes):
    """Anne's alert from a page, to everybody."""
    asked = Order(Audience(everyone=True), "alert", "urgent", "Anne", "k", alone_because=because, **changes)
    number = place({"fr": TEXT}, asked, UNDO, now, hand=Hand(typed))
    if because is not None:
        go_alone(number, Hand(typed), because, Request(Actor.read("Anne"), UNDO, now))
    return progress(number, now)


def test_ordered_again_with_a_reason_the_glass_is_broken(modem, now):
    person(1, now)
    first = placed(now)
    with pytest.raises(Refusal, match=r"[Mm]otif"):
        placed(now, "bof")
    again = placed(now, "Seule de garde")
    assert (again.id, again.state) == (first.id, "scheduled")
    assert approval_of(first.id).reason == "Seule de garde"
    assert [entry.detail["reason"] for entry in audited("approval_alone")] == ["Seule de garde"]
    # pressed once more, or when somebody has decided meanwhile, it tells what became of it
    assert placed(now, "Seule de garde") == again
    assert Broadcast.select().count() == 1


@pytest.mark.parametrize("typed", ["", "2"])
def test_the_glass_is_not_broken_before_the_number_is_typed(modem, now, typed):
    person(1, now)
    first = placed(now)
    with pytest.raises(WrongCount):
        placed(now, "Seule de garde", typed)
    assert progress(first.id, now).state == "awaiting_approval"


def test_a_reason_that_comes_too_late_is_refused(modem, now):
    person(1, now)
    late = now + APPROVAL_WITHIN
    first = placed(now)
    ready_modem("a", late)
    with pytest.raises(Refusal, match="non validé à temps"):
        placed(late, "Seule de garde")
    assert progress(first.id, late).state == "awaiting_approval"


def test_what_waits_counts_for_the_budget_of_the_next_one(modem, now):
    for number in range(3):
        person(number, now)
    apply_configured(modem.imsi, "box", "a", Limits(day=5))
    order(now, by="Anne")
    other = Text("Autre.", segments=("Autre.",))
    with pytest.raises(OverBudget, match="6 SMS"):
        order(now, other, by="Anne")
    assert order(now, other, by="Anne", override_reason="vie en danger").state == "awaiting_approval"


def test_a_drill_to_few_needs_nobody_and_to_many_does(modem, now):
    for number in range(11):
        person(number, now)
    few = Audience(numbers=tuple(f"+324700{number:05}" for number in range(10)))
    assert order(now, kind="drill", audience=few).state == "queued"
    assert order(now, kind="drill").state == "awaiting_approval"


def test_corrections_need_nobody(asked, modem, now):
    approve(asked.id, "Benoît", 3, SENDING, now)
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 1, modem, now)
    assert place_follow_up(FollowUpOrder(asked.id, "correction", "Anne"), Text(), now).state == "queued"


def test_of_people_who_decide_at_once_one_is_first(asked, modem, now):
    add_account("Chloé", ["officer"], PASSWORD, "test", now)
    told = at_once(
        lambda: approve(asked.id, "Benoît", 3, SENDING, now),
        lambda: approve(asked.id, "Chloé", 3, SENDING, now),
        lambda: refuse_broadcast(asked.id, "Chloé", "Mauvaise rue", now),
        lambda: break_glass(asked.id, "Anne", "Personne ne répond", SENDING, now),
    )
    assert told.count("done") == 1
    assert all(each == "done" or "déjà décidé" in each for each in told), told
    decided = audited("broadcast_approved") + audited("approval_refused") + audited("approval_alone")
    assert len(decided) == 1
    outcome = {"broadcast_approved": "approved", "approval_refused": "refused", "approval_alone": "alone"}
    assert approval_of(asked.id).outcome == outcome[decided[0].action]


def test_an_approval_and_a_cancel_at_once_leave_no_part_behind(asked, modem, now):
    told = at_once(
        lambda: approve(asked.id, "Benoît", 3, SENDING, now),
        lambda: cancel_broadcast(asked.id, "Anne", now),
        lambda: lapse_approvals(now + timedelta(minutes=16)),
    )
    assert len(told) == 3
    assert progress(asked.id, now).counts["cancelled"] == 3 or approval_of(asked.id).outcome == "approved"
    assert (claim_part(modem, now) is None) == (progress(asked.id, now).state == "cancelled")


def test_what_lapses_is_found_by_an_index_and_no_broadcast_is_read_for_it(now):
    if not isinstance(database.obj, SqliteDatabase):
        pytest.skip("PostgreSQL reads a small table whole")
    plans = plans_of(lambda: (lapse_approvals(now), waiting_approvals(now)))
    assert len(plans) == 2
    assert all("approval_waiting" in plan and "SCAN" not in plan for plan in plans), plans
