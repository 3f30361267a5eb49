"""What an account is made of: the family of an alert, its times, its neighbourhoods, its deeds."""

import pytest

from db.alerts.incidents.left_out import mark_called
from db.alerts.incidents.reach import reach_by_place
from db.alerts.progress.progress import progress
from db.alerts.progress.report import PlaceCount, by_neighbourhood, deeds_about, family, times
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from db.alerts.values import FollowUpOrder
from db.engine.connection import writing
from db.journal import audit
from db.models.people import Member, Neighbourhood
from plp.services.forgetting import forget_member
from tests.support.people import Text, later, mobile, order, person, place_follow_up, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A = "206010000000001"


@pytest.fixture
def alert(now):
    """Four people: delivered, taken, refused, still queued; the last is forgotten, and counts where she lived."""
    modem = ready_modem("a", now, A)
    people = [person(number, now, "Plainevaux" if number < 2 else "Rotheux") for number in range(4)]
    placed = order(now)
    for reference, seconds in ((1, 4), (2, 9)):
        claim = claim_part(modem, later(now, seconds))
        mark_pdu_started(claim, later(now, seconds))
        mark_sent(claim, reference, modem, later(now, seconds))
    claim = claim_part(modem, later(now, 10))
    mark_pdu_started(claim, later(now, 10))
    mark_failed(claim, "CMS 1", later(now, 10))
    apply_report(NetworkReport(A, 1, mobile(0), later(now, 4), 0, "delivered"), later(now, 20))
    forget_member(people[3], "anne", later(now, 30))
    return placed.id


def test_the_times_of_the_network(alert, now):
    told = times(alert)
    assert (told.first_sent_at, told.last_sent_at) == (later(now, 4), later(now, 9))
    assert told.last_delivered_at == later(now, 20)
    assert times(999).first_sent_at is None


def test_people_by_neighbourhood_and_by_what_they_have(alert):
    found = {place.name: place for place in by_neighbourhood(alert)}
    near, far = found["Plainevaux"], found["Rotheux"]
    assert near == PlaceCount(near.id, "Plainevaux", people=2, taken=2, delivered=1, waiting=0, uncertain=1)
    assert far == PlaceCount(far.id, "Rotheux", people=2, taken=0, delivered=0, waiting=0, uncertain=0)
    assert (near.not_arrived, far.not_arrived) == (0, 2)
    assert "" not in found


def test_the_places_add_up_to_what_every_door_counts(alert, now):
    """Also of what a phone did not get, though the network took it."""
    apply_report(NetworkReport(A, 2, mobile(1), later(now, 9), 0x46, "expired"), later(now, 30))
    places, whole = by_neighbourhood(alert), progress(alert, later(now, 31))
    assert sum(place.taken for place in places) == whole.taken == 2
    assert sum(place.delivered for place in places) == whole.counts["delivered"] == 1
    assert sum(place.waiting for place in places) == whole.waiting == 0
    assert sum(place.not_arrived for place in places) == 3


def test_the_family_from_whichever_of_it(alert, now):
    correction = place_follow_up(FollowUpOrder(alert, "correction", "anne"), Text("CORRECTION"), now).id
    end = place_follow_up(FollowUpOrder(alert, "end", "anne"), Text("FIN"), now).id
    assert family(alert) == family(correction) == family(end) == [alert, correction, end]


def test_the_deeds_are_of_the_broadcast_and_of_nothing_else_with_its_number(alert, now):
    audit.record(now, "anne", "member_changed", str(alert))
    actions = [entry.action for entry in deeds_about(alert)]
    assert actions[0] == "broadcast_ordered"
    assert "member_changed" not in actions


def by_place(broadcast_id, now):
    """By neighbourhood: people called, people whom nothing reached yet."""
    places = reach_by_place(broadcast_id, now)
    return {place.name: (place.reach.called, place.reach.waiting + place.reach.otherwise) for place in places}


@pytest.fixture
def called(now):
    """An alert to one near and two far; the two, one of whom has no mobile, were called."""
    people = [person(0, now), person(1, now, "Rotheux"), person(2, now, "Rotheux", mobile="", email="nom2@example.org")]
    alert = order(now).id
    assert by_place(alert, now) == {"Plainevaux": (0, 1), "Rotheux": (0, 2)}
    with writing():
        for member in people[1:]:
            mark_called(alert, member, True, "anne", now)
    assert by_place(alert, now) == {"Plainevaux": (0, 1), "Rotheux": (2, 0)}
    return alert, people


def test_who_was_called_counts_at_home_after_a_recipient_was_erased(called, now):
    alert, people = called
    forget_member(people[0], "anne", now)
    assert by_place(alert, now) == {"Plainevaux": (0, 1), "Rotheux": (2, 0)}


def test_a_call_is_never_subtracted_from_where_somebody_lived_before(called, now):
    """Two neighbourhoods become one in pieces, of which only the last is journaled."""
    alert, people = called
    near = Neighbourhood.get(Neighbourhood.name == "Plainevaux")
    Member.update(neighbourhood=near).where(Member.id == people[2]).execute()
    assert by_place(alert, now) == {"Plainevaux": (1, 1), "Rotheux": (1, 0)}
