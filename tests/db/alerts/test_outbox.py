"""From an order to what became of each part."""

from datetime import timedelta

import pytest

from db.alerts.progress.progress import progress, recipients
from db.alerts.queue.claim import claim_part
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
from db.alerts.queue.recovery import close_done, expire_due, recover, take_back_expired
from db.alerts.queue.reports import apply_report
from db.modems.status import queue
from db.people.audience import Audience
from db.people.members.listing import member
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.refusals import Refusal
from tests.db.alerts.reporting import B, counts, report
from tests.support.people import (
    LONG,
    SENDING,
    Text,
    expire_broadcast,
    later,
    mobile,
    order,
    person,
    ready_modem,
    release_broadcast,
    resend_broadcast,
)

pytestmark = pytest.mark.usefixtures("database")


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


def test_a_message_that_is_half_out_is_still_being_sent(now, modem):
    person(1, now)
    placed = order(now, text=LONG)
    first = claim_part(modem, now)
    mark_pdu_started(first, now)
    mark_unconfirmed(first, "no_answer", modem, now)
    second = claim_part(modem, now)
    assert counts(placed.id, now) == {"unconfirmed": 1}
    assert progress(placed.id, now).state == "sending"
    with pytest.raises(Refusal, match="Une partie de ces messages est en cours d'envoi : recommencez dans un instant"):
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


def test_what_a_host_that_died_had_claimed_is_taken_back_by_another_one_in_a_minute(now, modem):
    for number in range(2):
        person(number, now)
    placed = order(now)
    claim_part(modem, now)
    mark_pdu_started(claim_part(modem, now), now)
    assert take_back_expired(later(now, 59), "other") == 0
    assert take_back_expired(later(now, 61), "box") == 0  # its own are in its workers' hands
    assert take_back_expired(later(now, 61), "other") == 2
    assert counts(placed.id, now) == {"queued": 1, "unconfirmed": 1}


def test_a_claim_past_its_lease_is_taken_back(now, modem):
    for number in range(2):
        person(number, now)
    placed = order(now)
    claim_part(modem, now)
    mark_pdu_started(claim_part(modem, now), now)
    assert take_back_expired(later(now, 599)) == 0
    assert take_back_expired(later(now, 601)) == 2
    assert counts(placed.id, now) == {"queued": 1, "unconfirmed": 1}
