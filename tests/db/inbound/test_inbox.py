"""What people wrote, by both ways, in conversations; and what officers did about it."""

from datetime import timedelta

import pytest

from db.inbound.inbox.items import Ref, items_of
from db.inbound.inbox.threads import newest_item, thread_of, threads, unread
from db.inbound.received import PATIENCE, give_up_incomplete, mark_handled
from db.inbound.replies.judging import save_verdict
from plp.services.inbox import handle, take, take_ringing
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.replies.values import Answer, Meaning, Silence
from tests.support.inbox import STRANGER, comes, mail, text
from tests.support.people import mobile, person, place

pytestmark = pytest.mark.usefixtures("database")


def later(now, minutes):
    return now + timedelta(minutes=minutes)


def listed(chosen="all"):
    return [row.last.ref for row in threads(chosen).rows]


def test_a_member_has_a_name_and_a_place_a_stranger_has_neither(now):
    person(1, now)
    comes(now, mobile(1))
    comes(later(now, 1), STRANGER)
    comes(later(now, 2), "Proximus")
    rows = threads().rows
    assert [row.last.sender for row in rows] == ["Proximus", STRANGER, mobile(1)]
    assert [(row.person.names, row.person.neighbourhood, row.person.tie) for row in rows] == [
        ((), "", ""),
        ((), "", ""),
        (("Prénom1 Nom001",), "Plainevaux", "member"),
    ]


def test_what_one_person_writes_by_both_ways_is_one_conversation(now):
    person(1, now, email="Luc@Example.org", role="coordinator")
    refs = [text(now, mobile(1)), mail(later(now, 1)), text(later(now, 2), mobile(1))]
    other = mail(later(now, 3), "anne@example.org")
    (first, second) = threads().rows
    assert first.last.ref == other
    assert (second.items, second.open, second.person.tie) == (3, 3, "coordinator")
    assert thread_of(refs[0]) == thread_of(refs[1]) == refs
    assert thread_of(refs[0], limit=2) == refs[1:]
    assert thread_of(Ref("mail", 9999)) == []
    assert newest_item() == other


def test_a_number_that_two_people_share_has_two_names_and_is_no_member_s(now):
    person(1, now, email="luc@example.org")
    other = MemberDraft("Prénom2", "Nom002", mobile(1), "", "fr", place("Rotheux", now))
    save_member(None, other, "test", now, number_shared=True)
    by_text, by_mail = text(now, mobile(1)), mail(now)
    assert thread_of(by_text) == [by_text]
    assert thread_of(by_mail) == [by_mail]
    names = {row.last.ref: row.person.names for row in threads().rows}
    assert names[by_text] == ("Prénom1 Nom001", "Prénom2 Nom002")


def test_nobody_can_name_themselves_like_a_member_s_conversation(now):
    number = person(1, now, email="luc@example.org")
    theirs = mail(now)
    for name in (f"m{number}", f"m:{number}", f"s{number}", str(number)):
        ref = text(now, name)
        assert thread_of(ref) == [ref]
    assert thread_of(theirs) == [theirs]
    assert [row.items for row in threads("all").rows] == [1] * 5


def test_a_reference_address_is_its_neighbourhood_s(now):
    save_neighbourhood(None, "Rotheux", "Rotheux@example.org", "test", now)
    mail(now, "rotheux@example.org")
    (row,) = threads().rows
    assert (row.person.names, row.person.neighbourhood, row.person.tie) == ((), "Rotheux", "reference")


def test_which_parts_are_missing(now):
    comes(now, STRANGER, "a", seq=1, total=4)
    comes(now, STRANGER, "c", seq=3, total=4)
    ref = newest_item()
    assert items_of([ref])[0].missing == (2, 4)
    assert items_of([ref])[0].given_up_at is None
    give_up_incomplete(now + PATIENCE)
    assert items_of([ref])[0].given_up_at is not None
    for seq in (2, 4):
        comes(now, STRANGER, "x", seq=seq, total=4)
    assert items_of([ref])[0].missing == ()


def test_pages(now):
    for number in range(5):
        comes(later(now, number), f"+3247000010{number}", str(number))
    page = threads(page=2, per_page=2)
    assert [row.last.text for row in page.rows] == ["2", "1"]
    assert (page.total, page.page, page.pages) == (5, 2, 3)
    assert threads(page=99, per_page=2).page == 3


def test_what_nobody_looked_at_comes_first_and_what_is_done_last(now):
    a, b, c, d = (mail(later(now, n), f"{n}@example.org") for n in range(4))
    take([c], "Anne", later(now, 5))
    handle([d], "Anne", later(now, 5))
    assert listed() == [b, a, c, d]
    assert listed("open") == [b, a, c]
    assert listed("handled") == [d]
    assert unread() == 2
    assert [row.taken_by for row in threads("all").rows] == ["", "", "Anne", ""]


def test_the_filters(now):
    by_text, by_mail = text(now), mail(later(now, 1))
    assert listed("sms") == [by_text]
    assert listed("mail") == [by_mail]


def test_a_word_of_alarm_stands_above_everything_until_somebody_takes_it(now):
    alarm, newer = text(now), mail(later(now, 1))
    save_verdict(alarm.id, now, Meaning.ALARM, "fr")
    assert listed() == [alarm, newer]
    assert [row.is_alarm for row in threads().rows] == [True, False]
    assert take_ringing(alarm.id, "Anne", now)
    assert listed() == [newer, alarm]


def test_what_machines_wrote_and_what_shows_elsewhere(now):
    absence = mail(now, kind="automatic")
    for kind in ("relay", "bounce"):
        mail(now, kind=kind)
    stop = text(now)
    save_verdict(stop.id, now, Meaning.STOP, "fr", Answer.STOPPED)
    mark_handled(stop.id, now)
    echo = text(later(now, 1), "+32470000098")
    save_verdict(echo.id, now, Meaning.OTHER, "fr", Answer.NOT_READ, Silence.ECHO)
    mark_handled(echo.id, now)
    assert unread() == 0
    assert listed("open") == []
    assert set(listed()) == {absence, stop, echo}
    assert [item.is_automatic for item in items_of([absence, stop, echo])] == [True, False, True]
    assert items_of([stop])[0].verdict.answer is Answer.STOPPED


@pytest.mark.parametrize("most", [1000, 3])
def test_what_waits_is_listed_with_the_whole_of_its_conversation(now, monkeypatch, most):
    """However many write at once: from so many on, all messages are read for it."""
    monkeypatch.setattr("db.inbound.inbox.threads.NAMED_AT_MOST", most)
    person(1, now, email="luc@example.org")
    done = [text(now, mobile(1)), text(later(now, 1), "+32470000097"), mail(later(now, 2), "zoe@example.org")]
    handle(done, "Anne", later(now, 3))
    opened = [mail(later(now, 4)), text(later(now, 5)), text(later(now, 6), "+32470000096")]
    assert [(row.last.ref, row.items, row.open) for row in threads().rows] == [
        (opened[2], 1, 1),
        (opened[1], 1, 1),
        (opened[0], 2, 1),
    ]
    assert unread() == 3
    assert thread_of(done[0]) == thread_of(opened[0]) == [done[0], opened[0]]
    assert newest_item() == opened[2]
    assert newest_item() != mail(later(now, 7), kind="bounce")
    newest = mail(later(now, 8))
    assert newest_item() == newest
