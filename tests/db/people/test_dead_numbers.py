"""Numbers that get no alerts become a worklist; what says nothing of a number puts nobody on it."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from db.journal import audit
from db.models.broadcasts import Broadcast, Message, Part
from db.people.members.dead_numbers import dead_numbers, forget_living_numbers, note_dead_numbers, unreached
from plp.services.forgetting import forget_member
from plp.services.people.care import dismiss_dead_number
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.states import PartState, Stage
from tests.support.people import later, mobile, order, person, place, ready_modem

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)


def alert(at, outcomes, **changes):
    """An alert of which each number has this (state, reason); others got it."""
    modem = ready_modem("a", at)
    placed = order(at, again=True, **changes)
    for part in Part.select(Part, Message).join(Message).where(Part.broadcast == placed.id):
        state, reason = outcomes.get(part.message.msisdn, (PartState.DELIVERED, ""))
        sent_at = at if state is not PartState.FAILED and reason != "late" else None
        Part.update(state=state, reason=reason, sent_at=sent_at).where(Part.id == part.id).execute()
    Broadcast.update(stage=Stage.FINISHED).where(Broadcast.id == placed.id).execute()
    assert claim_part(modem, at) is None
    note_dead_numbers(placed.id, at)
    return placed.id


def listed():
    return [(card.mobile, card.why) for card in dead_numbers()]


UNDELIVERED = (PartState.UNDELIVERED, "st:99")


@pytest.mark.parametrize("reason", ["CMS 1", "CMS 195"])
def test_a_number_that_nobody_has_is_listed_at_once(now, reason):
    person(1, now)
    person(2, now)
    alert(now, {mobile(1): (PartState.FAILED, reason)})
    assert listed() == [(mobile(1), "unassigned")]


def test_a_report_of_an_incompatible_destination_lists_it_too(now):
    person(1, now)
    modem = ready_modem("a", now)
    placed = order(now)
    mark_sent(claim_part(modem, now), 7, modem, now)
    apply_report(NetworkReport(modem.imsi, 7, mobile(1), now, 0x41, "undelivered", modem.seat), later(now, 1))
    assert unreached(later(now, 599)) == {}
    assert unreached(later(now, 601)) == {placed.id: 1}
    note_dead_numbers(placed.id, now)
    assert listed() == [(mobile(1), "unassigned")]


@pytest.mark.slow
def test_a_number_is_listed_after_its_third_alert_in_a_row(now):
    for number in (1, 2, 3):
        person(number, now)
    expired = (PartState.EXPIRED, "st:70")
    alert(now, {mobile(1): UNDELIVERED, mobile(2): UNDELIVERED})
    alert(now + DAY, {mobile(1): expired, mobile(2): UNDELIVERED})
    assert listed() == []
    alert(now + 2 * DAY, {mobile(1): (PartState.FAILED, "CMS 38")})
    assert listed() == [(mobile(1), "undelivered")]
    alert(now + 3 * DAY, {mobile(2): UNDELIVERED})  # the third got through: they begin anew
    assert listed() == [(mobile(1), "undelivered")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "silent", [(PartState.EXPIRED, "late"), (PartState.CANCELLED, "opted_out"), (PartState.FAILED, "no modem")]
)
def test_what_never_reached_the_network_says_nothing(now, silent):
    person(1, now)
    person(2, now)
    for day in range(4):
        alert(now + day * DAY, {mobile(1): silent})
    assert listed() == []


@pytest.mark.slow
def test_an_evening_on_which_the_network_was_down_says_nothing(now):
    for number in range(12):
        person(number, now)
    everybody = {mobile(number): UNDELIVERED for number in range(12)}
    for day in range(3):
        alert(now + day * DAY, everybody)
    assert listed() == []
    for day in range(3, 6):
        alert(now + day * DAY, {mobile(1): UNDELIVERED})
    assert listed() == [(mobile(1), "undelivered")]


def test_a_coordinator_s_list_is_of_their_neighbourhood(now):
    person(1, now)
    person(2, now, "Rotheux", mail_group=True, email="m2@example.org")
    gone = (PartState.FAILED, "CMS 1")
    alert(now, {mobile(1): gone, mobile(2): gone})
    (card,) = dead_numbers([place("Rotheux", now)])
    assert (card.member.full_name, card.member.neighbourhood.name) == ("Prénom2 Nom002", "Rotheux")
    assert card.seen_at == now
    assert [card.is_known for card in dead_numbers()] == [False, True]


def test_it_leaves_the_list_corrected_dismissed_delivered_or_erased(now):
    people = [person(number, now) for number in range(4)]
    gone = {mobile(number): (PartState.FAILED, "CMS 1") for number in range(4)}
    alert(now, gone)
    assert len(listed()) == 4
    draft = MemberDraft("Prénom0", "Nom000", mobile(40), "", "fr", place("Plainevaux", now))
    save_member(people[0], draft, "anne", later(now, 1))
    dismiss_dead_number(people[1], "anne", later(now, 2))
    forget_member(people[3], "anne", later(now, 3))
    assert listed() == [(mobile(2), "unassigned")]
    assert audit.newest("dead_number_dismissed").actor == "anne"
    alert(now + DAY, {mobile(1): gone[mobile(1)]})
    forget_living_numbers()
    assert listed() == [(mobile(1), "unassigned")]


def test_a_message_that_a_modem_could_not_send_is_not_the_number_s_fault(now):
    person(1, now)
    modem = ready_modem("a", now)
    placed = order(now)
    mark_failed(claim_part(modem, now), "CMS 38", now)
    note_dead_numbers(placed.id, now)
    assert listed() == []
