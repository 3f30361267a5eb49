"""An alert to so many streets, as a rule of a group may name, that each has its own condition."""

import pytest

from db.models.people import Member
from db.people.geography import StreetCard, lives_in
from tests.support.people import person

pytestmark = pytest.mark.usefixtures("database")


def test_people_of_a_thousand_streets_are_found_with_one_query(now):
    member = Member.get_by_id(person(1, now, street="Rue du Test 5"))
    streets = [StreetCard(f"Rue {number}", "") for number in range(1100)]
    assert list(Member.select().where(lives_in(streets))) == []
    assert list(Member.select().where(lives_in([*streets, StreetCard(member.street, "")]))) == [member]
