"""The duty roster: who is on duty at which moment, and who stands in."""

from datetime import UTC, date, datetime

import pytest

from db.journal.audit import entries
from db.people.duty import on_duty, roster, stand_ins
from plp.services.accounts.duty import DutyDraft, delete_shift, save_shift
from plp.services.accounts.rights import add_account
from rules.refusals import Refusal
from tests.support.people import mobile

EVERY = frozenset(range(1, 8))
# 24 November 2026 is a Tuesday; Belgium is one hour ahead of UTC.


def at(hour, minute=0, day=24):
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)


@pytest.fixture
def people(database, now):
    return {
        name: add_account(name, roles, None, "test", now, mobile(number))
        for number, (name, roles) in enumerate(
            {"anne": ["officer"], "luc": ["technician"], "zoe": ["admin", "officer"]}.items(), start=1
        )
    }


def names(now):
    return [each.name for each in on_duty(now)]


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (at(17, 59), []),
        (at(18), ["luc"]),
        (at(23, 59), ["luc"]),
        (at(3, day=25), ["luc"]),
        (at(7, 59, day=25), ["luc"]),
        (at(8, day=25), []),
        (at(18, day=25), []),
    ],
)
def test_a_night_of_tuesday_goes_on_until_wednesday_morning(people, now, moment, there):
    save_shift(DutyDraft(people["luc"], frozenset({2}), 18 * 60, 8 * 60), "test", now)
    assert names(moment) == there


def test_a_shift_within_one_day_and_one_around_the_clock(people, now):
    save_shift(DutyDraft(people["luc"], EVERY, 8 * 60, 18 * 60), "test", now)
    save_shift(DutyDraft(people["anne"], frozenset({2}), 0, 0), "test", now)
    assert names(at(9)) == ["luc", "anne"]
    assert names(at(18)) == ["anne"]
    assert names(at(1, day=25)) == []


def test_dates_bound_the_days_that_begin_a_shift(people, now):
    week = {"first_day": date(2026, 11, 23), "last_day": date(2026, 11, 24)}
    save_shift(DutyDraft(people["luc"], EVERY, 18 * 60, 8 * 60, **week), "test", now)
    assert [names(at(20, day=day)) for day in (22, 23, 24, 25)] == [[], ["luc"], ["luc"], []]
    assert names(at(7, day=25)) == ["luc"]


def test_the_order_of_calling_is_the_admins_and_each_is_there_once(people, now):
    save_shift(DutyDraft(people["luc"], EVERY, 0, 1440, turn=2), "test", now)
    save_shift(DutyDraft(people["zoe"], EVERY, 0, 1440, turn=1), "test", now)
    save_shift(DutyDraft(people["luc"], EVERY, 0, 1440, turn=3), "test", now)
    assert names(at(12)) == ["zoe", "luc"]
    assert on_duty(at(12))[0].roles == {"admin", "officer"}


def test_without_anybody_on_duty_those_stand_in_who_have_the_first_role_first(people, now):
    add_account("bob", ["technician"], None, "test", now)
    assert [each.name for each in stand_ins(("technician", "admin"))] == ["luc", "zoe"]
    assert [each.name for each in stand_ins(("officer",))] == ["anne", "zoe"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"days": frozenset()}, "au moins un jour"),
        ({"days": frozenset({8})}, "au moins un jour"),
        ({"from_minute": 1441}, "heure de début"),
        ({"first_day": date(2026, 11, 24), "last_day": date(2026, 11, 23)}, "avant le premier"),
        ({"account_id": 0}, "n'existe plus"),
    ],
)
def test_what_no_roster_can_hold_is_refused(people, now, changes, sentence):
    values = {"account_id": people["luc"], "days": EVERY, "from_minute": 0, "until_minute": 0} | changes
    with pytest.raises(Refusal, match=sentence):
        save_shift(DutyDraft(**values), "test", now)
    assert roster() == []


def test_somebody_without_a_mobile_cannot_be_on_duty(people, now):
    bob = add_account("bob", ["officer"], None, "test", now)
    with pytest.raises(Refusal, match="bob n'a pas de numéro de GSM"):
        save_shift(DutyDraft(bob, EVERY, 0, 0), "test", now)


def test_the_journal_has_who_keeps_it(people, now):
    shift = save_shift(DutyDraft(people["luc"], EVERY, 0, 0), "zoe", now)
    delete_shift(shift, "zoe", now)
    delete_shift(shift, "zoe", now)
    found = [(entry.action, entry.subject) for entry in entries() if entry.action.startswith("duty")]
    assert sorted(found) == [("duty_deleted", "luc"), ("duty_saved", "luc")]
