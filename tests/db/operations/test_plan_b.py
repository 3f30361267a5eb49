"""The roll for another channel: what each member agreed to, and no more."""

from unittest.mock import Mock

import pytest

from db.engine.base import database
from db.models.people import Member
from db.operations.plan_b import left_out, places, roll
from plp.letters.letters import sheets_of
from tests.support.people import mobile, person, place

pytestmark = pytest.mark.usefixtures("database")


def test_only_what_members_agreed_to(now):
    place("Ehein", now)
    person(1, now, email="m1@example.org", mail_group=True)
    person(2, now, email="m2@example.org")
    person(3, now, email="m3@example.org", mail_group=True, sms=False)
    person(4, now, sms=False)
    person(5, now, neighbourhood_id=place("Ehein", now), role="coordinator")
    assert [(one.name, one.mobile, one.email) for one in roll()] == [
        ("Prénom5 Nom005", mobile(5), None),
        ("Prénom1 Nom001", mobile(1), "m1@example.org"),
        ("Prénom2 Nom002", mobile(2), None),
        ("Prénom3 Nom003", None, "m3@example.org"),
    ]
    assert left_out() == 1
    assert [one.role for one in roll(place("Ehein", now))] == ["coordinator"]


def test_what_the_database_counts_is_what_the_sheets_hold(now):
    ehein = place("Ehein", now)
    place("Plainevaux", now)
    place("Rotheux", now)
    person(1, now, role="coordinator", last_name="Zoé")
    person(2, now, role="coordinator", last_name="Émile")
    person(3, now, role="coordinator", sms=False)
    for number in range(4, 9):
        person(number, now)
    person(9, now, neighbourhood_id=ehein)
    Member.update(mobile=mobile(4)).where(Member.mobile == mobile(5)).execute()
    Member.update(mobile=mobile(1)).where(Member.mobile == mobile(6)).execute()
    listed = [(one.name, [caller.name for caller in one.callers], one.to_call) for one in places()]
    assert listed == [("Ehein", [], 1), ("Plainevaux", ["Prénom2 Émile", "Prénom1 Zoé"], 3), ("Rotheux", [], 0)]
    for one in places()[:2]:
        sheets = sheets_of(roll(one.id))
        assert one.to_call == sum(len(sheet.people) for sheet in sheets)
        assert list(one.callers) == [sheet.caller for sheet in sheets if sheet.caller]


def test_neighbours_stand_by_name_whatever_the_accents(now):
    for number, name in enumerate(("Zoé", "Émile", "anne", "Éva")):
        person(number, now, last_name=name)
    assert [one.last_name for one in roll()] == ["anne", "Émile", "Éva", "Zoé"]


def test_an_empty_house_has_an_empty_roll():
    assert (roll(), left_out()) == ((), 0)


def test_who_has_a_landline_alone_is_on_a_sheet_and_counted(now):
    person(1, now, role="coordinator", mobile="", landline="+3242000001")
    person(2, now, mobile="", landline="+3242000002")
    person(3, now)
    person(4, now, sms=False, landline="+3242000004")  # who refused a mobile's SMS is not called at home instead
    (one,) = places()
    (sheet,) = sheets_of(roll())
    assert [caller.phone for caller in one.callers] == [sheet.caller.phone] == ["+3242000001"]
    assert [person.phone for person in sheet.people] == ["+3242000002", mobile(3)]
    assert one.to_call == 2
    assert left_out() == 1


@pytest.mark.sqlite
def test_members_are_read_again_once_something_was_journaled_and_not_before(now, monkeypatch):
    person(1, now)
    execute = Mock(wraps=database.obj.execute_sql)
    monkeypatch.setattr(database.obj, "execute_sql", execute)

    def read() -> tuple[int, int, bool]:
        execute.reset_mock()
        counts = (places()[0].to_call, left_out())
        return (*counts, any("COUNT(" in call.args[0] for call in execute.call_args_list))

    assert [read(), read()] == [(1, 0, True), (1, 0, False)]
    person(2, now, sms=False)
    assert read() == (1, 1, True)
