"""Status reports in every order that a network may choose, and parts that nobody confirmed."""

import random
from datetime import timedelta

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import (
    ClaimLost,
    mark_pdu_started,
    mark_released,
    mark_retry,
    mark_sent,
    mark_sent_and_claim,
    mark_unconfirmed,
)
from db.alerts.queue.recovery import recover
from db.alerts.queue.reports import apply_report, apply_reports
from db.journal.audit import record
from db.models.broadcasts import Part, Report
from rules.states import LANE_NORMAL
from tests.db.alerts.reporting import A, report
from tests.support.people import LONG, SENDING, later, mobile, order, people, person, ready_modem, resend_broadcast
from tests.support.sampling import left_to_soak

pytestmark = pytest.mark.usefixtures("database")


def counts(placed, now):
    return {state: count for state, count in progress(placed.id, now).counts.items() if count}


def part_states(placed):
    return [part.state for part in Part.select().where(Part.broadcast == placed.id).order_by(Part.id)]


def handed_over(modem, now):
    claim = claim_part(modem, now, LANE_NORMAL)
    mark_pdu_started(claim, now)
    return claim


@pytest.mark.parametrize("seed", [pytest.param(0, marks=pytest.mark.slow), *map(left_to_soak, (1, 2))])
def test_300_reports_out_of_order_twice_late_and_before_their_receipts(now, modem, seed):
    chance = random.Random(seed)
    people(300, now)
    placed = order(now)
    early = set(chance.sample(range(300), 60))
    undelivered = set(chance.sample(range(300), 30))
    waiting = []
    for number in range(300):
        at = later(now, number)
        claim = handed_over(modem, at)
        bad = number in undelivered
        told = report(at, 200 + number, number, "undelivered" if bad else "delivered", 0x41 if bad else 0)
        if number in early:
            assert not apply_report(told, at)
        mark_sent(claim, (200 + number) % 256, modem, later(at, 1))
        waiting += [told] * (number not in early) + [told] * chance.choice((0, 1))
    chance.shuffle(waiting)
    for told in waiting:
        assert apply_report(told, later(now, 3600))
    assert counts(placed, now) == {"delivered": 270, "undelivered": 30}
    assert not Report.select().exists()


def lost_result(modem, at, seconds=20):
    claim = handed_over(modem, at)
    mark_unconfirmed(claim, "no_answer", modem, later(at, seconds))
    return claim


def test_the_expected_reference_tells_the_parts_of_one_message_apart(now, modem):
    person(1, now)
    person(2, now)
    placed = order(now, text=LONG)
    first = handed_over(modem, now)
    mark_sent(first, 254, modem, now)
    lost = [lost_result(modem, later(now, seconds)) for seconds in (5, 30)]
    assert [claim.msisdn for claim in lost] == [mobile(1)] * 2
    assert apply_report(report(later(now, 35), 256, 1), later(now, 60))
    assert apply_report(report(later(now, 35), 254, 1), later(now, 60))
    assert counts(placed, now)["unconfirmed"] == 1  # its second part
    assert apply_report(report(later(now, 10), 255, 1), later(now, 60))
    assert counts(placed, now) == {"delivered": 1, "queued": 1}


def test_what_stays_ambiguous_stays_unconfirmed(now, modem):
    person(1, now)
    placed = order(now, text=LONG)
    for seconds in (0, 25):
        lost_result(modem, later(now, seconds))  # no receipt before them: nothing to count from
    assert not apply_report(report(later(now, 30), 3, 1), later(now, 60))
    assert counts(placed, now) == {"unconfirmed": 1}


def test_a_refusal_in_between_ends_the_count(now, modem):
    person(1, now)
    placed = order(now, text=LONG)
    mark_sent(handed_over(modem, now), 10, modem, now)
    refused = handed_over(modem, now)
    mark_retry(refused, "CMS 42", now, now)
    for seconds in (5, 30):
        lost_result(modem, later(now, seconds))
    assert not apply_report(report(later(now, 31), 12, 1), later(now, 60))
    assert counts(placed, now) == {"unconfirmed": 1}


@pytest.mark.parametrize("away", [timedelta(minutes=-11), timedelta(minutes=11)])
def test_a_report_of_another_time_does_not_resolve_an_unconfirmed_part(now, modem, away):
    person(1, now)
    placed = order(now)
    lost_result(modem, now)
    assert not apply_report(report(now + away, 3, 1), later(now, 700))
    assert counts(placed, now) == {"unconfirmed": 1}


def test_a_part_whose_daemon_was_away_for_half_an_hour_left_in_the_first_minutes(now, modem):
    """The restart ended the attempt; by a clock that is ahead, the report of a later SMS falls in between."""
    person(1, now)
    placed = order(now)
    handed_over(modem, now)
    recover(later(now, 1800), timedelta(hours=1))
    assert not apply_report(report(later(now, 1080), 50, 1), later(now, 2000))
    assert counts(placed, now) == {"unconfirmed": 1}
    assert apply_report(report(later(now, 170), 3, 1), later(now, 2000))


def test_a_report_that_comes_too_late_for_its_receipt_is_not_of_the_unconfirmed_part_beside_it(now, modem):
    person(1, now)
    lost, sent = order(now), order(later(now, 1), again=True)
    lost_result(modem, now)
    mark_sent(handed_over(modem, later(now, 30)), 12, modem, later(now, 34))
    last = later(now, 31) + SENDING.validity_urgent + timedelta(minutes=41)
    assert not apply_report(report(later(now, 34), 12, 1), last)
    assert (counts(lost, last), counts(sent, last)) == ({"unconfirmed": 1}, {"sent": 1})


def test_a_report_from_before_an_unconfirmed_part_left_is_of_another_part(now, modem):
    person(1, now)
    sent, lost = order(now), order(later(now, 1), again=True)
    mark_sent(handed_over(modem, now), 1, modem, later(now, 5))  # by a late receipt of another: the network gave it 5
    lost_result(modem, later(now, 300))
    told = later(now, 1500)
    assert not apply_report(report(later(now, 1), 5, 1, "expired", 0x46), told)
    assert (counts(sent, told), counts(lost, told)) == ({"sent": 1}, {"unconfirmed": 1})
    assert apply_report(report(later(now, 290), 2, 1), told)  # its own, by a clock that is late
    assert counts(lost, told) == {"delivered": 1}


@pytest.mark.parametrize(("seconds", "taken"), [(1, True), (60, False)])
def test_a_service_centre_that_cuts_fractions_off_reports_on_what_just_left(now, modem, seconds, taken):
    """The stick lost its counter at a restart, so its reference is not the one that was due."""
    person(1, now)
    person(2, now)
    order(now)
    mark_sent(handed_over(modem, now), 87, modem, later(now, 5))
    lost_result(modem, later(now, 300))
    assert apply_report(report(later(now, 300 - seconds), 0, 2), later(now, 600)) is taken


@pytest.mark.parametrize(
    ("action", "back"), [("database_restored", 0), ("backup_restored", 0), ("backup_restored", 1200)]
)
def test_a_report_does_not_confirm_what_went_out_before_an_older_copy_was_put_back(now, modem, action, back):
    """Its own attempt may be lost with what the copy lacks: the other part of the same message, seconds later."""
    person(1, now)
    placed = order(now, text=LONG)
    lost_result(modem, now, 20 - back)
    record(later(now, 40 - back), "plp", action)
    assert not apply_report(report(later(now, 30), 3, 1), later(now, 60 - back))
    assert counts(placed, now) == {"unconfirmed": 1}


def test_a_report_that_still_tries_proves_that_the_network_has_it(now, modem):
    person(1, now)
    placed = order(now)
    lost_result(modem, now)
    assert apply_report(report(later(now, 3), 3, 1, "pending", 0x30), later(now, 60))
    assert counts(placed, now) == {"sent": 1}
    assert apply_report(report(later(now, 3), 3, 1, "delivered", 0), later(now, 600))
    assert counts(placed, now) == {"delivered": 1}


def test_reports_that_came_during_a_submit_are_written_with_its_receipt(now, modem):
    for number in range(3):
        person(number, now)
    placed = order(now)
    first = handed_over(modem, now)
    second = mark_sent_and_claim(first, 1, modem, now)
    mark_pdu_started(second, now)
    # the first one's, and its own, which overtook the receipt
    heard = [report(now, 1, 0), report(now, 2, 1)]
    third = mark_sent_and_claim(second, 2, modem, now, reports=heard)
    assert third is not None
    assert counts(placed, now) == {"delivered": 2, "sending": 1}


def test_a_lost_claim_leaves_the_reports_to_who_brought_them(now, modem):
    for number in range(2):
        person(number, now)
    placed = order(now)
    first = handed_over(modem, now)
    second = mark_sent_and_claim(first, 1, modem, now)
    mark_released(second, "taken back", now)
    heard = [report(now, 1, 0)]
    with pytest.raises(ClaimLost):
        mark_sent_and_claim(second, 2, modem, now, reports=heard)
    assert counts(placed, now) == {"queued": 1, "sent": 1}
    apply_reports(heard, now)
    assert counts(placed, now) == {"queued": 1, "delivered": 1}


def test_a_report_of_its_own_submit_does_not_confirm_the_part_before(now, modem):
    person(1, now)
    placed = order(now, text=LONG)
    lost_result(modem, now)
    second = handed_over(modem, later(now, 21))
    heard = [report(later(now, 21), 8, 1)]
    mark_sent_and_claim(second, 8, modem, later(now, 23), reports=heard)
    assert part_states(placed) == ["unconfirmed", "delivered", "sending"]


@pytest.mark.parametrize("known", [5, None])
def test_a_report_that_overtook_its_receipt_does_not_confirm_the_part_before(now, modem, known):
    person(1, now)
    placed = order(now, text=LONG)
    mark_sent(handed_over(modem, now), known, modem, now)
    lost_result(modem, later(now, 1))
    third = handed_over(modem, later(now, 22))
    assert not apply_report(report(later(now, 22), 7, 1), later(now, 23))
    mark_sent(third, 7, modem, later(now, 24))
    assert part_states(placed) == ["sent", "unconfirmed", "delivered"]


def test_while_a_sibling_is_on_its_way_the_expected_reference_finds_the_unconfirmed_part(now, modem):
    person(1, now)
    placed = order(now, text=LONG)
    mark_sent(handed_over(modem, now), 5, modem, now)
    lost_result(modem, later(now, 1))
    handed_over(modem, later(now, 22))
    assert apply_report(report(later(now, 2), 6, 1), later(now, 23))
    assert part_states(placed) == ["sent", "delivered", "sending"]


def test_a_report_that_either_of_two_alerts_may_have_confirms_neither(now, modem):
    """Of three submits without a receipt the network may have refused one, which then took no reference."""
    person(1, now)
    order(now)
    mark_sent(handed_over(modem, now), 5, modem, now)
    lost = []
    for seconds in (1, 23, 44):
        lost.append(order(later(now, seconds), again=True))
        lost_result(modem, later(now, seconds))
    assert not apply_report(report(later(now, 45), 7, 1), later(now, 65))
    assert [counts(alert, now)["unconfirmed"] for alert in lost] == [1, 1, 1]


def test_a_report_that_a_part_after_a_refusal_may_have_does_not_confirm_the_part_before_it(now, modem):
    """Nobody knows the reference of what left after a refusal; the report is of its seconds."""
    person(1, now)
    placed = order(now, text=LONG)
    mark_sent(handed_over(modem, now), 5, modem, now)
    lost_result(modem, later(now, 1))
    mark_retry(handed_over(modem, later(now, 22)), "CMS 42", later(now, 23), later(now, 23))
    lost_result(modem, later(now, 44))
    assert not apply_report(report(later(now, 45), 6, 1), later(now, 65))
    assert part_states(placed) == ["sent", "unconfirmed", "unconfirmed"]


def test_a_report_that_overtook_the_receipt_of_a_resend_is_not_lost(now, modem):
    person(1, now)
    placed = order(now)
    lost_result(modem, now)
    resend_broadcast(placed.id, "unconfirmed", "test", SENDING, later(now, 60))
    again = handed_over(modem, later(now, 61))
    assert not apply_report(report(later(now, 61), 8, 1), later(now, 62))
    mark_sent(again, 8, modem, later(now, 63))
    assert part_states(placed) == ["delivered"]


def test_a_late_report_is_the_older_ones_when_the_reference_went_out_again(now, modem):
    person(1, now)
    older = order(now)
    mark_sent(handed_over(modem, now), 5, modem, now)
    an_hour_on = later(now, 3600)
    ready_modem("a", an_hour_on, A)
    newer = order(an_hour_on, text=LONG)
    mark_sent(handed_over(modem, an_hour_on), 5, modem, an_hour_on)
    assert apply_report(report(later(now, 2), 5, 1), later(an_hour_on, 5))
    assert (part_states(older), part_states(newer)[0]) == (["delivered"], "sent")
    assert apply_report(report(later(an_hour_on, 2), 5, 1), later(an_hour_on, 9))
    assert part_states(newer)[0] == "delivered"


def test_a_report_after_the_clock_was_set_is_of_the_receipt_and_not_of_the_unconfirmed_part_before(now, modem):
    """The service centre's stamp is two hours behind the receipt, and near to the unconfirmed part."""
    person(1, now)
    placed = order(now, text=LONG)
    mark_sent(handed_over(modem, now), 5, modem, now)
    lost_result(modem, later(now, 1))
    ahead = now + timedelta(hours=2)
    mark_sent(handed_over(modem, later(ahead, 30)), 6, modem, later(ahead, 31))
    assert apply_report(report(later(now, 31), 6, 1), later(ahead, 35))
    assert part_states(placed) == ["sent", "unconfirmed", "delivered"]


@pytest.mark.parametrize(
    ("between", "stamp_s", "later_modem", "is_its_own"),
    [(30, 240, "a", False), (255, 240, "a", True), (30, 2, "a", True), (30, 240, "b", True)],
)
def test_a_reference_comes_again_after_a_whole_cycle(now, modem, between, stamp_s, later_modem, is_its_own):
    """Within a cycle the part without a receipt had another one, although nobody knows which, and our clock is two
    hours ahead. A modem that has restarted counts anew, and so does another one with this card.
    """
    people(between + 1, now)
    first = order(now)
    lost_result(modem, now)
    for reference in range(between):
        mark_sent(handed_over(modem, now), reference % 256, modem, now)
    ahead = now + timedelta(hours=2)
    sender = ready_modem(later_modem, ahead, A)
    order(ahead, again=True)
    mark_sent(handed_over(sender, ahead), 254, sender, ahead)
    assert apply_report(report(later(now, stamp_s), 254, 0), later(ahead, 5))
    assert counts(first, now).get("delivered", 0) == is_its_own


def test_clocks_that_differ_cost_no_report(now, modem):
    person(1, now)
    placed = order(now)
    mark_sent(handed_over(modem, now), 5, modem, now)
    assert apply_report(report(later(now, -7200), 5, 1), later(now, 5))
    assert part_states(placed) == ["delivered"]


def test_an_attempt_may_have_its_report_though_the_clock_was_set_back_before_it_ended(now, modem):
    person(1, now)
    placed = order(now, text=LONG)
    lost_result(modem, now)
    mark_sent(handed_over(modem, later(now, 200)), 5, modem, later(now, 203))
    handed_over(modem, later(now, 210))
    recover(later(now, -700), None)
    assert apply_report(report(later(now, 211), 6, 1), later(now, -600))
    assert part_states(placed) == ["unconfirmed", "sent", "delivered"]
