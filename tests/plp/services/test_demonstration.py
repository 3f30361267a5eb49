"""The demonstration's people: what an officer tries with them can be seen."""

import pytest

from db.models.people import Member, Neighbourhood
from db.people.audience import Audience, recipients
from plp.services.orders.audiences import resolve
from plp.services.people.demonstration import PEOPLE, PLACES, invent
from rules.numbers import parse_mobile

pytestmark = pytest.mark.usefixtures("database")


def test_each_neighbourhood_has_its_streets_and_readers_of_both_languages(now):
    invent(now)
    members = list(Member.select(Member, Neighbourhood).join(Neighbourhood))
    assert len(members) == PEOPLE
    streets = {}
    for member in members:
        streets.setdefault(member.street, set()).add(member.neighbourhood.name)
    assert "" not in streets
    assert {len(names) for names in streets.values()} == {1}
    for name in PLACES:
        assert {one.language for one in members if one.neighbourhood.name == name} == {"fr", "nl"}, name
    first = recipients(resolve(Audience(everyone=True, near="Ehein", near_street="Rue du Lavoir")))
    there = {one.mobile for one in members if one.street == "Rue du Lavoir" and one.mobile}
    assert {one.msisdn for one in first[: len(there)]} == there


def test_some_are_called_and_some_are_mailed_instead(now):
    invent(now)
    without = [one for one in Member.select() if one.mobile is None]
    assert [bool(one.email) for one in without] == [True, True, False]
    assert without[-1].landline
    assert len({one.neighbourhood_id for one in without}) == 3
    assert parse_mobile(next(one.mobile for one in Member.select() if one.mobile))
