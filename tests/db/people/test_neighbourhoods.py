"""The order of the neighbourhoods, merging two, and whom an alert reaches in each."""

import pytest

from db.journal.audit import entries
from db.people.members.listing import member, neighbourhood, neighbourhoods
from plp.services.people.neighbourhoods import merge_neighbourhoods, move_neighbourhood
from rules.refusals import Refusal
from tests.support.people import person, place

pytestmark = pytest.mark.usefixtures("database")


def names():
    return [card.name for card in neighbourhoods()]


def test_one_place_up_or_down(now):
    a, b, c = (place(name, now) for name in "ABC")
    move_neighbourhood(c, False, "anne", now)
    assert names() == ["A", "C", "B"]
    move_neighbourhood(a, True, "anne", now)
    assert names() == ["C", "A", "B"]
    before = len(entries())
    move_neighbourhood(c, False, "anne", now)
    move_neighbourhood(b, True, "anne", now)
    assert names() == ["C", "A", "B"]
    assert len(entries()) == before
    with pytest.raises(Refusal):
        move_neighbourhood(999, True, "anne", now)


def test_two_become_one_with_everybody(now):
    one, other = place("A", now), place("B", now)
    people = [person(number, now, "A") for number in range(3)]
    assert merge_neighbourhoods(one, other, "anne", now) == 3
    assert names() == ["B"]
    assert {member(each).neighbourhood for each in people} == {"B"}
    assert entries()[0].action == "neighbourhood_merged"
    for wrong in ((other, other), (one, other), (other, one)):
        with pytest.raises(Refusal):
            merge_neighbourhoods(*wrong, "anne", now)


def test_one_by_its_id_is_the_one_of_the_list(now):
    here = place("A", now)
    for number, changes in enumerate(({}, {"sms": False}, {"mobile": "", "landline": "042121212"})):
        person(number, now, "A", **changes)
    person(8, now, "B", other_places="A, Rue Haute")
    assert neighbourhood(here) in neighbourhoods()
    assert neighbourhood(999) is None


def test_people_by_what_an_alert_does_for_them(now):
    place("A", now)
    place("B", now)
    person(1, now, "A")
    person(2, now, "A")
    person(3, now, "A", sms=False)
    person(4, now, "A", mobile="", email="nom4@example.org")
    counts = [(each.members, each.without_mobile, each.active, each.reachable) for each in neighbourhoods()]
    assert counts == [(4, 1, 2, 2), (0, 0, 0, 0)]
