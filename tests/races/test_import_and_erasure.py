"""A list and an erasure at one moment: who is erased is gone, and the list takes the others."""

from functools import partial

import pytest

from db.people.members.listing import Filter, members
from plp.services.forgetting import forget_member
from tests.support.people import mobile, person
from tests.support.races import COMMIT, race
from tests.support.rosters import import_members

CHANGED, GONE = 'UPDATE "member" ', 'DELETE FROM "member" '
LIST = f"""first_name,last_name,mobile,language,neighbourhood,street
Prénom1,Nom001,{mobile(1)},fr,Plainevaux,rue Haute
Prénom2,Nom002,{mobile(2)},fr,Plainevaux,rue Haute
Prénom3,Nom003,{mobile(3)},fr,Plainevaux,rue Haute
"""


@pytest.fixture
def deeds(modem, now):
    erased, _other = person(1, now), person(2, now)
    return {
        "import": partial(import_members, LIST.encode(), "liste.csv", "Anne", now),
        "erase": partial(forget_member, erased, "Luc", now),
    }


@pytest.mark.parametrize(
    ("first", "at"),
    [
        ("import", ("^BEGIN",)),
        ("import", (CHANGED,)),
        ("import", (CHANGED, COMMIT)),
        ("erase", (GONE,)),
        ("erase", (GONE, COMMIT)),
    ],
)
def test_who_is_erased_is_gone_and_the_others_are_taken(deeds, now, first, at):
    came_to = race(deeds.pop(first), at, *deeds.values())
    assert not any(isinstance(one, Exception) for one in came_to), came_to
    left = members(Filter(), 1).rows
    assert sorted((card.mobile, card.street) for card in left) == [(mobile(2), "rue Haute"), (mobile(3), "rue Haute")]
