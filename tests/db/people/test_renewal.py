"""The yearly question: three lists that are right, and nobody who leaves by themselves."""

from datetime import timedelta

import pytest

from db.inbound.replies.leaving import apply_stop
from db.journal import audit
from db.people.members.listing import members
from db.people.members.renewal import (
    answer_by_sms,
    asked_members,
    due_questions,
    leaving_members,
    mark_asked,
    open_renewal,
)
from plp.services.forgetting import forget_member
from plp.services.orders.shared import end_renewal
from plp.services.people.care import answer_by_hand, begin_renewal, restrict_member
from rules.refusals import Refusal
from tests.support.people import later, mobile, person

pytestmark = pytest.mark.usefixtures("database")

MONTH = timedelta(days=30)


def asked(now):
    """All are asked; the question by SMS is broadcast 10 to everybody."""
    number = begin_renewal(now + MONTH, "anne", now)
    for channel in ("sms", "mail"):
        while due := due_questions(channel, now):
            for each in due:
                mark_asked(each.id, now, **({"broadcast": 10} if channel == "sms" else {"mail": each.member_id}))
    return number


def lists(number):
    return {
        answer: [row.member.full_name.split()[0] for row in asked_members(number, answer, per_page=500).rows]
        for answer in ("yes", "no", "")
    }


def test_each_is_asked_by_what_they_agreed_to(now):
    person(1, now)
    person(2, now, sms=False, email="m2@example.org")
    person(3, now, sms=False)
    restricted = person(4, now)
    restrict_member(restricted, "anne", now)
    begin_renewal(now + MONTH, "anne", now)
    assert [due.address for due in due_questions("sms", now)] == [mobile(1)]
    assert [due.address for due in due_questions("mail", now)] == ["m2@example.org"]
    card = open_renewal()
    assert (card.people, card.silent, card.unasked, card.unreachable) == (3, 3, 2, 1)
    assert due_questions("sms", now + MONTH) == []
    with pytest.raises(Refusal, match="déjà en cours"):
        begin_renewal(now + MONTH, "anne", now)
    with pytest.raises(Refusal, match="futur"):
        begin_renewal(now, "anne", now)


def test_the_last_word_counts_and_a_hand_may_correct_it(now):
    her = person(1, now)
    number = asked(now)
    assert answer_by_sms(mobile(1), "yes", later(now, 60))
    assert lists(number) == {"yes": ["Prénom1"], "no": [], "": []}
    apply_stop(mobile(1), later(now, 120), later(now, 120), later(now, 120))
    assert lists(number)["no"] == ["Prénom1"]
    answer_by_hand(her, "yes", "anne", later(now, 180))
    assert lists(number)["yes"] == ["Prénom1"]
    answer_by_hand(her, "", "anne", later(now, 180))
    assert lists(number)[""] == ["Prénom1"]
    assert audit.newest("renewal_answered").detail == {"answer": "nothing"}
    with pytest.raises(Refusal):
        answer_by_hand(her + 99, "yes", "anne", now)


def test_a_yes_to_an_alert_that_came_later_is_not_a_yes_to_the_question(now):
    person(1, now)
    asked(now)
    assert not answer_by_sms(mobile(1), "yes", later(now, 60), later_alert=11)
    assert answer_by_sms(mobile(1), "yes", later(now, 60), later_alert=9)


def test_who_was_not_asked_or_is_too_late_does_not_answer(now):
    person(1, now)
    begin_renewal(now + MONTH, "anne", now)
    assert not answer_by_sms(mobile(1), "yes", now)
    end_renewal("anne", now)
    assert open_renewal() is None
    assert not answer_by_sms(mobile(1), "yes", now)


def test_who_said_nothing_leaves_only_after_the_last_day(now):
    silent, gone = person(1, now), person(2, now)
    number = asked(now)
    answer_by_hand(gone, "no", "anne", now)
    assert leaving_members(number, now, 500) == [gone]
    assert leaving_members(number, now + MONTH, 500) == [silent, gone]
    assert members().total == 2


@pytest.mark.slow
def test_three_hundred_people_end_on_the_right_three_lists(now):
    people = [
        person(n, now, **({"sms": False, "email": f"m{n}@example.org"} if n % 3 == 2 else {})) for n in range(300)
    ]
    number = asked(now)
    for n in range(300):
        if n % 3 == 0:
            answer_by_sms(mobile(n), "yes", later(now, n))
        elif n % 3 == 1 and n % 2:
            apply_stop(mobile(n), later(now, n), later(now, n), later(now, n))
        elif n % 3 == 2 and n % 5 == 0:
            answer_by_hand(people[n], "yes", "anne", later(now, n))
    card = open_renewal()
    stay = {f"Prénom{n}" for n in range(300) if n % 3 == 0 or (n % 3 == 2 and n % 5 == 0)}
    leave = {f"Prénom{n}" for n in range(300) if n % 3 == 1 and n % 2}
    found = {answer: set(names) for answer, names in lists(number).items()}
    assert (found["yes"], found["no"]) == (stay, leave)
    assert found[""] == {f"Prénom{n}" for n in range(300)} - stay - leave
    assert (card.stay, card.leave, card.silent) == (len(stay), len(leave), 300 - len(stay) - len(leave))
    assert members().total == 300
    for member_id in leaving_members(number, now + MONTH, 500):
        forget_member(member_id, "anne", now + MONTH, requester="zone")
    assert members().total == len(stay)
    assert lists(number) | {"yes": []} == {"yes": [], "no": [], "": []}
