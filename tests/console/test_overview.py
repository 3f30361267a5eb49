"""The officer's first look: nothing is said that the database does not know."""

from datetime import timedelta

from console.home.home import overview
from db.alerts.planned import last_drill_at
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.models.zone import Modem
from db.modems.budgets import apply_configured
from db.modems.status import QueueCard
from rules.orders.budgets import Limits
from tests.support.people import LONG, order, person, ready_modem


def test_before_anything_was_sent(database, now):
    shown = overview(now)
    assert (shown["taken_at"], shown["modems"], last_drill_at()) == (None, [], None)
    assert shown["waiting"] == QueueCard(0, 0, 0, 0)
    ready_modem("a", now)
    assert [(card.name, proof.state) for card, proof in overview(now)["modems"]] == [("a", "never")]


def test_what_the_network_took_is_told_and_is_no_proof_that_it_arrives(database, now):
    person(1, now)
    sender = ready_modem("a", now)
    ready_modem("b", now, imsi="206010000000002")
    order(now, kind="drill")
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    later = now + timedelta(seconds=3)
    mark_sent(claim, 7, sender, later)
    shown = overview(now)
    assert (shown["taken_at"], last_drill_at()) == (later, now)
    assert [(card.name, proof.state) for card, proof in shown["modems"]] == [("a", "never"), ("b", "never")]


def test_a_modem_that_starts_again_takes_nothing_away(database, now):
    person(1, now)
    sender = ready_modem("a", now)
    order(now, kind="drill")
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 7, sender, now)
    Modem.update(state="opening").execute()
    shown = overview(now)
    assert shown["taken_at"] == now
    assert [(card.name, card.state, proof) for card, proof in shown["modems"]] == [("a", "opening", None)]


def test_what_waits_is_counted_by_its_urgency(database, now):
    person(1, now)
    ready_modem("a", now)
    order(now, LONG)
    order(now, kind="welcome", priority="normal")
    assert overview(now)["waiting"] == QueueCard(3, 1, 0, 0)


def test_a_budget_that_is_nearly_used_is_told(database, now):
    people = 9
    for number in range(people):
        person(number, now)
    sender = ready_modem("a", now)
    apply_configured(sender.imsi, "box", "a", Limits(day=10))
    order(now)
    assert overview(now)["tight"] == []
    for number in range(people):
        claim = claim_part(sender, now)
        mark_pdu_started(claim, now)
        mark_sent(claim, number, sender, now)
    ((modem, meter),) = overview(now)["tight"]
    assert (modem, meter.kind, meter.used, meter.limit) == ("a", "day", 9, 10)
