"""The roll for another channel: what each member agreed to, and no more."""

import pytest

from db.operations.plan_b import roll
from tests.support.people import mobile, person, place

pytestmark = pytest.mark.usefixtures("database")


def test_only_what_members_agreed_to(now):
    place("Ehein", now)
    person(1, now, email="m1@example.org", mail_group=True)
    person(2, now, email="m2@example.org")
    person(3, now, email="m3@example.org", mail_group=True, sms=False)
    person(4, now, sms=False)
    person(5, now, neighbourhood_id=place("Ehein", now), role="coordinator")
    whole = roll()
    assert [(each.name, each.mobile, each.email) for each in whole.people] == [
        ("Prénom5 Nom005", mobile(5), None),
        ("Prénom1 Nom001", mobile(1), "m1@example.org"),
        ("Prénom2 Nom002", mobile(2), None),
        ("Prénom3 Nom003", None, "m3@example.org"),
    ]
    assert whole.left_out == 1
    assert whole.neighbourhoods == ["Ehein", "Plainevaux"]
    assert [each.role for each in whole.of("Ehein")] == ["coordinator"]


def test_neighbours_stand_by_name_whatever_the_accents(now):
    for number, name in enumerate(("Zoé", "Émile", "anne", "Éva")):
        person(number, now, last_name=name)
    assert [each.last_name for each in roll().people] == ["anne", "Émile", "Éva", "Zoé"]


def test_an_empty_house_has_an_empty_roll():
    assert (roll().people, roll().left_out, roll().neighbourhoods) == ((), 0, [])
