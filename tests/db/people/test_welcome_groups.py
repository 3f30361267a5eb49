"""Welcomes and yearly questions of a zone with so many neighbourhoods that each has its own condition."""

import pytest

from db.models.people import Member
from db.people.members.renewal import Asked, due_questions
from db.people.members.welcome import Newcomers, due_welcomes
from tests.support.people import person

pytestmark = pytest.mark.usefixtures("database")

# With four languages, and with or without an address, a zone of 150 neighbourhoods has more.
GROUPS = 1100


def test_a_thousand_groups_are_welcomed_with_one_query(now):
    member = Member.get_by_id(person(1, now))
    Member.update(welcome_requested_at=now).where(Member.id == member.id).execute()
    places = range(member.neighbourhood_id, member.neighbourhood_id + GROUPS)
    groups = [Newcomers(member.language, place, member.email is not None, "", "", 1) for place in places]
    assert [due.member.id for due in due_welcomes(now=now, groups=groups)] == [member.id]
    assert due_welcomes(now=now, groups=groups[1:]) == []


def test_a_thousand_groups_are_asked_with_one_query(now):
    assert due_questions("sms", now, groups=[Asked("fr", place, "", now, 1) for place in range(GROUPS)]) == []
