"""Two modems that report one IMSI: a message stays with the modem that began it, and so do its reports."""

from datetime import timedelta

import pytest

from db.alerts.progress.counts import LOST_AFTER, incomplete_messages
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_released, mark_sent, mark_unconfirmed
from db.alerts.queue.recovery import release_due
from db.alerts.queue.reports import NetworkReport, apply_report
from db.models.broadcasts import Attempt, Part
from db.modems import status
from plp.services.orders.automatic import place_selftest
from tests.support.people import LONG, Text, later, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

X = "206010000000001"


@pytest.fixture
def twins(now):
    return ready_modem("a", now, X), ready_modem("b", now, X)


def send(sender, now, reference):
    claim = claim_part(sender, now)
    if claim is not None:
        mark_pdu_started(claim, now)
        mark_sent(claim, reference % 256, sender, now)
    return claim


def modems_of_messages():
    found = {}
    for attempt in Attempt.select(Attempt, Part).join(Part):
        found.setdefault(attempt.part.message_id, set()).add(attempt.modem)
    return found


@pytest.mark.slow
def test_no_message_is_split_over_twins(twins, now):
    for number in range(40):
        person(number, now)
    order(now, text=LONG)
    sent = sum(send(twin, later(now, turn), turn) is not None for turn in range(120) for twin in twins)
    assert sent == 120
    used = modems_of_messages()
    assert len(used) == 40
    assert [found for found in used.values() if len(found) > 1] == []
    assert {name for found in used.values() for name in found} == {"a", "b"}


def test_what_a_broken_twin_began_is_put_before_a_person(twins, now):
    a, b = twins
    person(1, now)
    placed = order(now, text=LONG)
    send(a, now, 1)
    for state in ("starting", "out_of_service", "faulty"):
        status.save_modem("box", "a", {"state": state, "imsi": None}, now)
        assert claim_part(b, now + 2 * LOST_AFTER) is None
    late = now + LOST_AFTER
    status.beat("box", "modem", 1, late)
    assert len(incomplete_messages(placed.id, late)) == 1


@pytest.mark.parametrize("elsewhere", [{"state": "no_sim"}, {"imsi": "206010000000002"}])
def test_a_card_that_moved_takes_its_messages_along(now, elsewhere):
    person(1, now)
    sender = ready_modem("a", now, X)
    order(now, text=LONG)
    send(sender, now, 1)
    status.save_modem("box", "a", elsewhere, now)
    assert send(ready_modem("b", now, X), now, 2).seq == 2


def test_what_came_back_is_for_either(twins, now):
    a, b = twins
    person(1, now)
    order(now, text=LONG)
    mark_released(claim_part(a, now), "modem_lost", now)
    assert claim_part(b, now).seq == 1


def test_a_self_test_stays_with_the_twin_it_tests(twins, now):
    a, b = twins
    place_selftest(mobile(9), X, Text(), "tech", now, "box/b")
    release_due(now)
    assert claim_part(a, now) is None
    mark_released(claim_part(b, now), "not_ready", now)
    assert claim_part(a, now) is None


def both_sent(twins, now):
    """The same reference to the same person, from each twin; both part ids."""
    person(1, now)
    ids = []
    for minute, twin in enumerate(twins):
        order(now, text=Text(f"Essai {minute}", segments=(f"Essai {minute}",)))
        ids.append(send(twin, now + timedelta(minutes=minute), 7).part_id)
    return ids


def told(modem, at):
    return NetworkReport(X, 7, mobile(1), at, 0, "delivered", modem)


def state(part_id):
    return Part.get_by_id(part_id).state


@pytest.mark.parametrize("which", [0, 1])
def test_a_report_is_for_what_its_own_modem_sent(twins, now, which):
    ids = both_sent(twins, now)
    assert apply_report(told(f"box/{'ab'[which]}", now + timedelta(minutes=1)), now + timedelta(minutes=2))
    assert [state(part) for part in ids] == ["delivered" if at == which else "sent" for at in (0, 1)]


def test_a_report_that_overtook_its_receipt_waits_for_its_own_modem(twins, now):
    a, _ = twins
    person(1, now)
    order(now, text=LONG)
    first, second = claim_part(a, now), None
    mark_pdu_started(first, now)
    assert not apply_report(told("box/b", now), now)
    mark_sent(first, 7, a, now)
    assert (state(first.part_id), second) == ("sent", None)


def test_each_twin_counts_its_own_references(twins, now):
    """b's part went unanswered; the reference that b would have given it next tells it from another of b's."""
    a, b = twins
    for number in (1, 2):
        person(number, now)
    order(now, text=LONG)
    assert send(b, now, 40).seq == 1
    assert send(a, now, 90).seq == 1
    lost = []
    for _ in range(2):
        claim = claim_part(b, now)
        mark_pdu_started(claim, now)
        mark_unconfirmed(claim, "no_answer", b, now)
        lost.append(claim)
    number = lost[0].msisdn
    assert apply_report(NetworkReport(X, 42, number, now, 0, "delivered", "box/b"), now)
    assert [state(claim.part_id) for claim in lost] == ["unconfirmed", "delivered"]


def test_twins_are_those_that_have_their_card_now(twins, now):
    assert status.twins(now) == {X: ["box/a", "box/b"]}
    status.save_modem("box", "b", {"state": "no_sim"}, now)
    assert status.twins(now) == {}
    assert status.twins(now + timedelta(minutes=1)) == {}
