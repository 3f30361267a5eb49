"""Numbered answers by SMS: each member's newest one is counted once, and what is in doubt waits for an officer."""

from datetime import timedelta

import pytest

from db.inbound.replies.judging import verdicts
from db.inbound.replies.thread import replies
from db.people.members.renewal import open_renewal
from plp.jobs.autoreply import answer_texts
from plp.jobs.welcome import ask_renewal
from plp.services.people.care import begin_renewal
from rules.replies.values import Meaning
from tests.plp.jobs.answering import HOUR, SETTINGS, STRANGER, alert, comes, is_done, went_back
from tests.support.people import later, mobile, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

POLL = "Vol: rue Haute, 21h40. Vu quelque chose? Répondez 1=oui, 2=non. Urgence: 101"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def poll(now):
    """An alert with two answers, to three members; its id."""
    for number in (1, 2, 3):
        person(number, now - HOUR)
    sent = alert(now - HOUR, POLL)
    ready_modem("a", now)
    return sent


def says(now, number, words, sent_at=None):
    text = comes(words, mobile(number), now, sent_at)
    answer_texts(SETTINGS, now)
    return text


def tally(poll):
    came = replies(poll)
    return came.ok_total, [(each.number, each.words, each.total) for each in came.choices]


def test_each_answer_is_counted_with_its_words_and_nobody_is_written_to(now, poll):
    assert tally(poll) == (0, [(1, "oui", 0), (2, "non", 0)])
    first, second = says(now, 1, "1"), says(now, 2, "Non, merci")
    says(now, 3, "ok")
    assert tally(poll) == (1, [(1, "oui", 1), (2, "non", 0)])
    assert (is_done(first), is_done(second)) == (True, False)
    assert verdicts([first])[first].meaning is Meaning.CHOICE
    assert [number for number, _text in went_back()] == [mobile(2)]
    says(later(now, 60), 2, "2 non")
    assert tally(poll) == (1, [(1, "oui", 1), (2, "non", 1)])
    assert [reply.msisdn for each in replies(poll).choices for reply in each.people] == [mobile(1), mobile(2)]


def test_the_newest_answer_counts_in_whatever_order_they_come(now, poll):
    says(now, 1, "2", now)
    says(now, 1, "1", now - MINUTE)
    assert tally(poll)[1] == [(1, "oui", 0), (2, "non", 1)]
    says(later(now, 60), 1, "OK", now + MINUTE)
    assert tally(poll) == (0, [(1, "oui", 0), (2, "non", 1)])
    says(later(now, 120), 1, "1", now + 2 * MINUTE)
    assert tally(poll) == (0, [(1, "oui", 1), (2, "non", 0)])


def test_a_number_takes_the_place_of_an_ok_that_came_later(now, poll):
    says(now, 1, "ok", now)
    says(now, 1, "1", now - MINUTE)
    assert tally(poll) == (0, [(1, "oui", 1), (2, "non", 0)])


def test_an_answer_beside_our_own_text_is_counted(now, poll):
    says(now, 1, f"1\n> {POLL}")
    assert tally(poll)[1] == [(1, "oui", 1), (2, "non", 0)]


@pytest.mark.parametrize("words", ["3", "12", "1 ou 2 ?", "1 2", "1 homme suspect", "1'; DROP TABLE alert_reply", "²1"])
def test_what_was_not_offered_waits_for_an_officer(now, poll, words):
    text = says(now, 1, words)
    assert tally(poll) == (0, [(1, "oui", 0), (2, "non", 0)])
    assert (is_done(text), [reply.text for reply in replies(poll).others]) == (False, [words])


def test_a_call_for_help_rings_whatever_number_stands_before_it(now, poll):
    text = says(now, 1, "1 il y a le feu")
    assert verdicts([text])[text].meaning is Meaning.ALARM
    assert tally(poll)[1][0] == (1, "oui", 0)


def test_a_number_of_a_stranger_or_to_another_alert_counts_nothing(now, poll):
    comes("1", STRANGER, now)
    answer_texts(SETTINGS, now)
    later_alert = alert(later(now, 60), "Incendie rue Haute.")
    ready_modem("a", later(now, 120))
    text = says(later(now, 120), 1, "1")
    assert (tally(poll)[1], tally(later_alert)) == ([(1, "oui", 0), (2, "non", 0)], (0, []))
    assert not is_done(text)


def test_a_yes_to_the_yearly_question_is_not_one_to_the_poll(now, poll):
    begin_renewal(now + timedelta(days=30), "anne", now)
    while ask_renewal(SETTINGS, now):
        pass
    says(later(now, 60), 1, "Oui")
    says(later(now, 60), 2, "1")
    assert (open_renewal().stay, tally(poll)[1]) == (1, [(1, "oui", 1), (2, "non", 0)])
    assert [reply.msisdn for reply in replies(poll).choices[0].people] == [mobile(2)]


def test_a_yes_in_the_words_of_the_poll_is_counted(now, poll):
    says(now, 1, "Oui")
    assert tally(poll) == (0, [(1, "oui", 1), (2, "non", 0)])
