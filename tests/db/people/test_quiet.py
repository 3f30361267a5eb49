"""Quiet hours and pauses: as they are typed and read from lists, when they hold, and who is spared by what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.models.people import Member
from db.people.audience import Audience, recipients
from db.people.members.cards import forget_past_pauses, is_quiet
from db.people.members.welcome import due_welcomes
from plp.services.orders.audiences import resolve
from plp.services.people.saving import save_member
from rules.members import MemberDraft, read_day, read_hours
from rules.refusals import FieldRefusal, Refusal
from tests.support.people import mobile, person, place
from tests.support.rosters import only, reasons, take

pytestmark = pytest.mark.usefixtures("database")

EVERYBODY = Audience(everyone=True)
NIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # 23:30 in Belgium


def is_quiet_at(when: datetime) -> bool:
    return Member.select().where(is_quiet(when)).exists()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("22:00-07:00", "22:00-07:00"),
        (" 22h-7h ", "22:00-07:00"),
        ("de 22h30 à 7:05", "22:30-07:05"),
        ("van 22 tot 7 uur", "22:00-07:00"),
        ("22u - 7u", "22:00-07:00"),
        ("13.00–15.00", "13:00-15:00"),
        ("von 22 bis 6 Uhr", "22:00-06:00"),
        ("", ""),
    ],
)
def test_hours_are_read_as_people_write_them(typed, stored):
    assert read_hours(typed) == stored
    assert read_hours(stored) == stored


@pytest.mark.parametrize("typed", ["la nuit", "22:00", "22:00-22:00", "25:00-07:00", "22:00-07:75", "-", "22-7-8"])
def test_what_are_no_two_hours_is_refused_in_words(typed):
    with pytest.raises(Refusal, match="par exemple 22:00-07:00"):
        read_hours(typed)


@pytest.mark.parametrize("typed", ["31/12/2026", "31.12.2026", "2026-12-31", "2026-12-31 00:00:00"])
def test_a_day_is_read_as_people_write_it(typed):
    assert read_day(typed) == "2026-12-31"


@pytest.mark.parametrize("typed", ["demain", "31/02/2026", "2026", "31/12"])
def test_what_is_no_day_is_refused_in_words(typed):
    with pytest.raises(Refusal, match="31/12/2026"):
        read_day(typed)


@pytest.mark.parametrize(
    ("hours", "when", "expected"),
    [
        ("22:00-07:00", datetime(2026, 11, 24, 20, 59, tzinfo=UTC), False),
        ("22:00-07:00", datetime(2026, 11, 24, 21, 0, tzinfo=UTC), True),
        ("22:00-07:00", datetime(2026, 11, 25, 5, 59, tzinfo=UTC), True),
        ("22:00-07:00", datetime(2026, 11, 25, 6, 0, tzinfo=UTC), False),
        # in summer Belgium is two hours before UTC
        ("22:00-07:00", datetime(2026, 7, 1, 20, 0, tzinfo=UTC), True),
        ("22:00-07:00", datetime(2026, 7, 1, 5, 0, tzinfo=UTC), False),
        # the night of 25 October: 02:30 comes twice, and is quiet both times
        ("02:15-02:45", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        ("02:15-02:45", datetime(2026, 10, 25, 1, 0, tzinfo=UTC), False),
        ("02:15-02:45", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),
        # the night of 29 March: 01:59 is followed by 03:00
        ("02:15-02:45", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), False),
        ("02:15-02:45", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),
        ("01:00-02:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),
        ("13:00-15:00", datetime(2026, 11, 24, 13, 0, tzinfo=UTC), True),
        ("13:00-15:00", datetime(2026, 11, 24, 14, 0, tzinfo=UTC), False),
        ("", NIGHT, False),
    ],
)
def test_quiet_hours_are_those_of_the_clock_in_belgium(now, hours, when, expected):
    person(1, now, quiet_hours=hours)
    assert is_quiet_at(when) is expected


def test_a_pause_ends_with_its_day_and_is_forgotten_then(now):
    person(1, now, quiet_until="24/11/2026")
    last = datetime(2026, 11, 24, 22, 59, tzinfo=UTC)
    assert is_quiet_at(last)
    assert not is_quiet_at(last + timedelta(minutes=1))
    assert forget_past_pauses(last) == 0
    assert forget_past_pauses(last + timedelta(minutes=1)) == 1
    assert only().quiet_until == ""


def test_a_shared_number_is_quiet_when_all_are_who_have_it(now):
    for number, hours in ((1, "22-7"), (2, ""), (3, "22-7"), (4, "22-7")):
        draft = MemberDraft("A", f"N{number}", mobile((number + 1) // 2), "", "fr", place("Plainevaux", now))
        save_member(None, replace(draft, quiet_hours=hours), "test", now, number_shared=True)
    assert {one.msisdn: one.quiet for one in recipients(resolve(EVERYBODY), NIGHT)} == {
        mobile(1): False,
        mobile(2): True,
    }


def test_recipients_say_who_is_quiet(now):
    person(1, now, quiet_hours="22-7")
    person(2, now)
    quiet = {one.msisdn: one.quiet for one in recipients(resolve(EVERYBODY), NIGHT)}
    assert quiet == {mobile(1): True, mobile(2): False}
    assert [one.quiet for one in recipients(resolve(Audience(numbers=(mobile(1),))), NIGHT)] == [True]
    assert not any(one.quiet for one in recipients(resolve(EVERYBODY), NIGHT + timedelta(hours=9)))
    assert not any(one.quiet for one in recipients(resolve(EVERYBODY)))


def test_the_welcome_waits_for_the_end_of_the_quiet_hours(now):
    draft = MemberDraft("A", "N", mobile(1), "", "fr", place("Plainevaux", now), quiet_hours="22:00-07:00")
    save_member(None, draft, "test", now, welcome=True)
    assert due_welcomes(now=NIGHT) == []
    assert len(due_welcomes(now=NIGHT + timedelta(hours=9))) == 1


def test_a_list_brings_them_and_a_cell_that_is_neither_keeps_nobody_out(now):
    header = "prénom;nom;gsm;quartier;heures calmes;pause jusqu'au"
    assert take(f"{header}\nAnne;Noël;0470000001;Rotheux;22h-7h;31/12/2026\n", now).added == 1
    assert (only().quiet_hours, only().quiet_until) == ("22:00-07:00", "2026-12-31")
    report = take(f"{header}\nLuc;Maes;0470000002;Rotheux;la nuit;cet hiver\n", now)
    assert (report.added, reasons(report)) == (1, {})
    assert ["il est laissé vide" in str(note) for _line, note in report.notes] == [True, True]


def test_the_form_refuses_them_by_their_field(now):
    with pytest.raises(FieldRefusal) as refusal:
        person(1, now, quiet_hours="la nuit")
    assert refusal.value.field == "quiet_hours"
