"""Senders can be forged: strangers get no answer to STOP, and a burst of STOPs waits for a person, lost to nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.inbound.received import forget_inbound_before
from db.inbound.replies.judging import verdicts
from db.inbound.replies.thread import held_stops
from db.journal import audit
from db.modems.budgets import apply_configured
from db.operations.incidents import open_incidents
from plp.jobs.alarms.telling import look
from plp.jobs.autoreply import answer_texts
from plp.services.inbox import decide_held_stops
from rules.orders.budgets import Limits
from rules.replies.meaning import ANSWERS_PER_HOUR, MOST_ANSWERS_PER_HOUR, most_stops, most_stops_of_day
from rules.replies.values import Answer, Silence
from tests.plp.jobs.answering import HOUR, SETTINGS, STRANGER, comes, is_done, wants_texts, went_back
from tests.support.people import later, mobile, order, person, ready_modem

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
MEMBERS = range(1, 21)


@pytest.fixture
def house(database, now, tmp_path):
    for number in MEMBERS:
        person(number, now - DAY)
    ready_modem("a", now)
    (tmp_path / "var").mkdir(exist_ok=True)
    return replace(SETTINGS, folder=tmp_path)


def everybody_says_stop(settings, now):
    texts = [comes("STOP", mobile(number), later(now, number)) for number in MEMBERS]
    ready_modem("a", later(now, 60))
    answer_texts(settings, later(now, 60))
    return texts


def silences(texts):
    found = verdicts(texts)
    return [found[each].silence for each in texts]


def staying():
    return [number for number in MEMBERS if wants_texts(mobile(number)) == [True]]


def test_a_stranger_s_stop_gets_no_answer(house, now):
    texts = [comes("STOP", f"+324720{number:05}", now) for number in range(80)]
    while answer_texts(house, now):
        pass
    assert went_back() == []
    assert set(silences(texts)) == {Silence.STRANGER}
    assert all(is_done(each) for each in texts)
    assert held_stops() == []


def test_answers_have_a_ceiling_of_which_members_keep_a_part(house, now):
    texts = [comes("Bonjour", f"+324720{number:05}", now) for number in range(ANSWERS_PER_HOUR + 3)]
    mine = comes("STOP", mobile(1), now)
    while answer_texts(house, now):
        pass
    assert silences(texts).count(Silence.CEILING) == 3
    assert silences([mine]) == [Silence.NONE]
    assert len(went_back()) == ANSWERS_PER_HOUR + 1 < MOST_ANSWERS_PER_HOUR


def test_no_answer_takes_the_last_fifth_of_a_sim_s_budget(house, now):
    apply_configured("206010000000001", "box", "a", Limits(recipients=5))
    texts = []
    for number in range(6):
        at = later(now, number)
        ready_modem("a", at)
        texts.append(comes("Bonjour", f"+324720{number:05}", at))
        answer_texts(house, at)
        while claim := claim_part(ready_modem("a", at), at):
            mark_pdu_started(claim, at)
            mark_sent(claim, number, ready_modem("a", at), at)
    assert silences(texts) == [Silence.NONE] * 4 + [Silence.BUDGET] * 2
    assert not is_done(texts[-1])


def test_a_burst_of_stops_is_held_and_the_members_stay(house, now):
    texts = everybody_says_stop(house, now)
    assert staying() == list(MEMBERS)[5:]
    assert silences(texts) == [Silence.NONE] * 5 + [Silence.HELD] * 15
    assert [number for number, _text in went_back()] == [mobile(number) for number in MEMBERS[:5]]
    assert [each.id for each in held_stops()] == texts[5:]
    assert not any(is_done(each) for each in texts[5:])
    assert order(later(now, 61)).recipients == 15


@pytest.mark.tuesday
def test_the_incident_says_how_many_are_held_and_since_when(house, now):
    everybody_says_stop(house, now)
    look(house, later(now, 61))
    (found,) = [card for card in open_incidents() if card.kind == "stops_held"]
    assert "15 désinscriptions bloquées" in found.sentence
    assert "24/11 à 21:40" in found.sentence
    decide_held_stops([each.id for each in held_stops()], False, "Anne", later(now, 90))
    look(house, later(now, 91))
    assert "stops_held" not in [card.kind for card in open_incidents()]


def test_while_a_person_is_asked_every_further_stop_waits(house, now):
    everybody_says_stop(house, now)
    person(30, now)
    late = comes("STOP", mobile(30), now + 3 * HOUR)
    answer_texts(house, now + 3 * HOUR)
    assert silences([late]) == [Silence.HELD]


def test_what_a_person_applies_counts_from_when_it_was_written(house, now):
    texts = everybody_says_stop(house, now)
    assert decide_held_stops(texts[5:], True, "Anne", later(now, 120)) == 15
    assert staying() == []
    assert held_stops() == []
    ready_modem("a", later(now, 121))
    answer_texts(house, later(now, 121))
    assert len(went_back()) == 20
    assert all(is_done(each) for each in texts)
    assert audit.newest("stops_applied").detail == {"stops": 15}
    assert audit.newest("stops_applied").actor == "Anne"
    # the person knows that there are many: those of the next minutes count at once
    person(30, now)
    more = comes("STOP", mobile(30), later(now, 180))
    answer_texts(house, later(now, 180))
    assert (silences([more]), wants_texts(mobile(30))) == ([Silence.NONE], [False])


def test_what_a_person_rejects_changes_nothing_and_is_told_to_nobody(house, now):
    texts = everybody_says_stop(house, now)
    assert decide_held_stops(texts[5:], False, "Anne", later(now, 120)) == 15
    answer_texts(house, later(now, 121))
    assert staying() == list(MEMBERS)[5:]
    assert len(went_back()) == 5
    assert set(silences(texts[5:])) == {Silence.REJECTED}
    assert decide_held_stops(texts[5:], False, "Anne", later(now, 122)) == 0
    assert decide_held_stops(texts[5:], True, "Anne", later(now, 123)) == 0
    again = comes("STOP", mobile(10), later(now, 130))
    answer_texts(house, later(now, 130))
    assert silences([again]) == [Silence.HELD]


def test_a_held_stop_yields_to_what_the_member_says_later(house, now):
    texts = everybody_says_stop(house, now)
    comes("START", mobile(20), later(now, 300))
    answer_texts(house, later(now, 300))
    assert texts[-1] not in [each.id for each in held_stops()]
    decide_held_stops(texts, True, "Anne", later(now, 400))
    assert staying() == [20]


def test_a_held_stop_outlives_the_months_of_other_texts(house, now):
    texts = everybody_says_stop(house, now)
    forget_inbound_before(now + 400 * DAY)
    assert [each.id for each in held_stops()] == texts[5:]
    assert sorted(verdicts(texts)) == texts[5:]


def test_a_few_stops_in_each_hour_do_not_empty_a_small_list_overnight(house, now):
    for turn, number in enumerate(MEMBERS):
        at = now + turn * HOUR / 4
        comes("STOP", mobile(number), at)
        answer_texts(house, at)
    assert staying() == list(MEMBERS)[5:]
    assert len(held_stops()) == 15


def test_a_few_stops_and_a_configured_number_are_no_burst(house, now):
    wide = replace(house, sending=replace(house.sending, stops_per_hour=50))
    everybody_says_stop(wide, now)
    assert staying() == []
    assert (most_stops(20, 0), most_stops(2000, 0), most_stops(2000, 7)) == (5, 40, 7)
    assert (most_stops_of_day(20, 0), most_stops_of_day(2000, 0), most_stops_of_day(20, 50)) == (5, 100, 50)


def test_an_unsure_stop_of_a_stranger_is_answered_as_before_when_it_is_a_question(house, now):
    text = comes("Pourquoi STOP ?", STRANGER, now)
    answer_texts(house, now)
    assert (verdicts([text])[text].answer, len(went_back())) == (Answer.NOT_READ, 1)
