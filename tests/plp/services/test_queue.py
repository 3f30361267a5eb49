"""The queue as a technician sees it, and what a person may decide about one message of it."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.listing import message_parts, open_broadcasts, queue_counts, queue_page
from db.alerts.queue.marks import mark_pdu_started, mark_retry, mark_sent, mark_unconfirmed
from db.alerts.queue.recovery import free_stranded
from db.journal.audit import entries_about
from db.models.broadcasts import Broadcast, Message, Part
from db.modems import status
from db.modems.budgets import apply_configured
from plp.services.broadcasts import Request
from plp.services.orders import queue as services
from rules.orders.budgets import Limits
from rules.refusals import OverBudget, Refusal
from rules.states import Stage
from tests.support.people import LONG, SENDING, order, pause_broadcast, person, plans_of, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"


@pytest.fixture
def modems(now):
    """Two ready modems, a and b, and three people."""
    for number in (1, 2, 3):
        person(number, now)
    return ready_modem("a", now, A), ready_modem("b", now, B)


def page(view="queued", number=1, seat="", broadcast=None):
    return queue_page(view, seat, broadcast, number, queue_counts(seat, broadcast))


def message_of(claim):
    return Part.get_by_id(claim.part_id).message_id


def unanswered(sender, now):
    """A message whose only part is unconfirmed."""
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_unconfirmed(claim, "no_answer", sender, now)
    return claim.message_id


def test_each_part_is_in_the_view_of_its_state(modems, now):
    order(now)
    claim_part(modems[0], now)
    unclear = unanswered(modems[1], now)
    counts = queue_counts()
    assert counts == {"queued": 1, "sending": 1, "unconfirmed": 1}
    [sending], [row] = page("sending").rows, page("unconfirmed").rows
    assert (sending.seat, sending.imsi, sending.recipient) == ("box/a", A, "+324•••••01")
    assert (row.message_id, row.tries[-1].outcome, row.tries[-1].reason) == (unclear, "unconfirmed", "no_answer")
    [waiting] = page().rows
    assert (waiting.seat, waiting.tries, waiting.since) == (None, (), now)


def test_a_refused_part_tells_its_code_and_when_it_is_tried_again(modems, now):
    placed = order(now)
    mark_retry(claim_part(modems[0], now), "CMS 38", now + timedelta(minutes=5), now)
    row = page().rows[-1]
    assert (row.tries[0].reason, row.tries[0].seat, row.not_before_at) == (
        "CMS 38",
        "box/a",
        now + timedelta(minutes=5),
    )
    assert row.deadline_at == Broadcast.get_by_id(placed.id).deadline_at


def test_alerts_stand_before_what_is_not_urgent_and_nothing_is_shown_before_it_is_whole(modems, now):
    order(now, priority="normal", kind="welcome")
    alert = order(now, again=True)
    assert page().rows[0].broadcast_id == alert.id
    Broadcast.update(stage=Stage.PREPARING).where(Broadcast.id == alert.id).execute()
    assert {row.broadcast_id for row in page().rows} == {1}
    assert [number for number, _kind in open_broadcasts()] == [1]


def test_the_queue_is_filtered_by_modem_and_by_broadcast_and_paged(modems, now, monkeypatch):
    first, second = order(now), order(now, again=True)
    claim_part(modems[1], now)
    assert [row.seat for row in page("sending", seat="box/b").rows] == ["box/b"]
    assert page("sending", seat="box/a").rows == []
    assert {row.broadcast_id for row in page(broadcast=second.id).rows} == {second.id}
    monkeypatch.setattr("db.alerts.queue.listing.PER_PAGE", 2)
    assert [len(page(number=number).rows) for number in (1, 2, 3)] == [2, 2, 1]
    assert first.id < second.id


@pytest.mark.sqlite
def test_what_the_page_asks_uses_the_indexes_of_the_queue(modems, now):
    order(now)
    plans = plans_of(lambda: (page("queued"), page("unconfirmed"), page("sending"), open_broadcasts()))
    parts = [plan for plan in plans if "part_" in plan]
    assert len(parts) >= 7
    for plan in plans:
        assert "SCAN t1'" not in plan or "part" not in plan, plan
    assert any("part_queue" in plan for plan in plans)
    assert any("part_unconfirmed" in plan for plan in plans)
    assert any("part_sending" in plan for plan in plans)


def test_a_message_is_cancelled_whole_and_the_others_go_out(modems, now):
    placed = order(now, text=LONG)
    message = page().rows[0].message_id
    assert services.cancel(message, "Sacha", now) == 3
    assert {(part.state, part.reason) for part in message_parts(message)} == {("cancelled", "stopped")}
    assert claim_part(modems[0], now).message_id != message
    [entry] = [each for each in entries_about(str(placed.id)) if each.action == "message_cancelled"]
    assert (entry.actor, entry.detail) == ("Sacha", {"message": message, "parts": 3})
    with pytest.raises(Refusal, match="n'est plus en attente"):
        services.cancel(message, "Sacha", now)


def test_what_a_modem_has_can_be_neither_cancelled_nor_moved(modems, now):
    order(now, text=LONG)
    claim = claim_part(modems[0], now)
    for deed in (lambda: services.cancel(claim.message_id, "Sacha", now), lambda: moved(claim.message_id, now)):
        with pytest.raises(Refusal, match="Ce message est en cours d'envoi : aucune modification"):
            deed()
    assert [part.state for part in message_parts(claim.message_id)] == ["sending", "queued", "queued"]


@pytest.mark.parametrize("stage", [Stage.HELD, Stage.SCHEDULED, Stage.AWAITING_APPROVAL, Stage.CANCELLED])
def test_what_waits_for_a_decision_about_all_of_it_is_left_alone(modems, now, stage):
    order(now)
    Broadcast.update(stage=stage).execute()
    with pytest.raises(Refusal, match="est bloqué ou arrêté : décidez pour tout l'envoi, sur sa page"):
        services.cancel(1, "Sacha", now)


def moved(message, now, seat="box/b"):
    services.hand_over(message, seat, "Sacha", now)


def test_only_the_modem_to_which_a_message_was_handed_takes_it(modems, now):
    placed = order(now)
    pause_broadcast(placed.id, "Sacha", now)
    for row in page().rows:
        moved(row.message_id, now)
    Broadcast.update(stage=Stage.QUEUED).execute()
    assert claim_part(modems[0], now) is None
    assert claim_part(modems[1], now) is not None
    entries = [each for each in entries_about(str(placed.id)) if each.action == "message_handed_over"]
    assert [(each.actor, each.detail["modem"]) for each in entries] == [("Sacha", "box/b")] * 3


def test_what_was_given_to_a_sim_goes_out_though_its_budget_was_used_up_since(modems, now):
    """It had room, and the message waits for no other; the next one is for another SIM."""
    order(now, priority="normal")
    first, second, third = (row.message_id for row in page().rows)
    for message in (first, second):
        moved(message, now)
    apply_configured(B, "box", "b", Limits(1, 0, 0))
    claim = claim_part(modems[1], now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 7, modems[1], now)
    assert [claim.message_id, claim_part(modems[1], now).message_id] == [first, second]
    assert claim_part(modems[1], now) is None
    with pytest.raises(OverBudget):
        moved(third, now)


def test_a_message_is_anybodys_again_on_request_or_when_its_modem_can_send_no_more(modems, now):
    order(now)
    first, second, third = (row.message_id for row in page().rows)
    for message in (first, second):
        moved(message, now)
    moved(first, now, "")
    assert [Message.get_by_id(each).imsi for each in (first, second, third)] == [None, B, None]
    assert free_stranded(now) == 0
    status.save_modem("box", "b", {"state": "absent"}, now)
    assert free_stranded(now) == 1
    assert Message.get_by_id(second).imsi is None


@pytest.mark.parametrize("kind", ["selftest", "proof"])
def test_what_went_out_in_part_keeps_its_card_and_a_test_its_modem(modems, now, kind):
    order(now, text=LONG)
    claim = claim_part(modems[0], now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 7, modems[0], now)
    with pytest.raises(Refusal, match="déjà envoyée"):
        moved(claim.message_id, now)
    order(now, kind=kind, imsi=A, seat="box/a", again=True)
    test = Message.select().order_by(Message.id.desc()).get()
    with pytest.raises(Refusal, match="Ce SMS teste un modem précis : aucun autre ne peut l'envoyer"):
        moved(test.id, now)
    status.save_modem("box", "a", {"state": "absent"}, now)
    assert free_stranded(now) == 0


def test_a_modem_that_cannot_send_is_handed_nothing(modems, now):
    order(now)
    status.save_modem("box", "b", {"state": "not_registered"}, now)
    for seat in ("box/b", "box/z"):
        with pytest.raises(Refusal, match="ne peut pas envoyer actuellement"):
            moved(1, now, seat)


def test_handing_over_passes_no_budget(modems, now):
    order(now, kind="welcome", priority="normal", text=LONG)
    apply_configured(B, "box", "b", Limits(2, 0, 0))
    with pytest.raises(OverBudget):
        moved(1, now)


def test_one_unconfirmed_message_is_sent_again_and_only_by_who_says_it_may_be_double(modems, now):
    placed = order(now)
    first, second = unanswered(modems[0], now), unanswered(modems[0], now)
    request = Request("Sacha", SENDING, now)
    with pytest.raises(Refusal, match="deux fois"):
        services.resend(first, request, perhaps_twice=False)
    assert queue_counts()["unconfirmed"] == 2
    services.resend(first, request, perhaps_twice=True)
    assert [row.message_id for row in page("unconfirmed").rows] == [second]
    [entry] = [each for each in entries_about(str(placed.id)) if each.action == "broadcast_resent"]
    assert (entry.actor, entry.detail["messages"]) == ("Sacha", 1)
    with pytest.raises(Refusal, match="dans cet état"):
        services.resend(first, request, perhaps_twice=True)
