"""Who answers by itself, and who calls for help: circles end, and the phone rings."""

from datetime import timedelta

import pytest

from db.engine.connection import bind, connected
from db.inbound.inbox.items import Ref, items_of
from db.inbound.inbox.threads import threads
from db.inbound.received import apply_inbound
from db.inbound.replies.thread import replies, ringing
from plp.jobs import autoreply
from plp.jobs.autoreply import answer_texts
from plp.services.inbox import handle, take
from rules.replies.meaning import read
from rules.replies.values import Meaning, Silence
from tests.conftest import seed
from tests.plp.jobs.answering import (
    SETTINGS,
    STRANGER,
    answers,
    comes,
    is_done,
    members_alerted,
    wants_texts,
    went_back,
)
from tests.support.inbox import CARD, Concatenated
from tests.support.inbox import Text as Delivered
from tests.support.people import later, mobile, person, ready_modem

DAY = timedelta(days=1)


@pytest.fixture
def house(database, now):
    members_alerted(now)


def test_a_gateway_that_answers_everything_gets_one_answer(house, now):
    """It says something else each time, and never that it is a machine."""
    comes("Bienvenue au club de pétanque", STRANGER, now)
    seen = 0
    for turn in range(1, 50):
        moment = later(now, 4 * turn)
        answer_texts(SETTINGS, moment)
        fresh = went_back()[seen:]
        seen += len(fresh)
        for _ in fresh:
            comes(f"Message {turn} reçu, partie de boules à {turn} h", STRANGER, moment)
        if not fresh:
            break
    assert (seen, turn) == (1, 2)


def test_a_gateway_that_sends_back_what_it_got_gets_one_answer(house, now):
    comes("Bonjour", STRANGER, now)
    answer_texts(SETTINGS, now)
    ((_number, text),) = went_back()
    for turn in range(5):
        echo = comes(f"Fwd: {text}" if turn % 2 else text, STRANGER, now + (turn + 1) * DAY / 2)
        ready_modem("a", now + (turn + 1) * DAY / 2)
        answer_texts(SETTINGS, now + (turn + 1) * DAY / 2)
        assert answers(echo).silence in (Silence.ECHO, Silence.AUTOMATIC)
    assert len(went_back()) == 1


@pytest.mark.parametrize("asked", ["STOP", "START"])
def test_our_own_answer_that_comes_back_days_later_is_known_by_what_was_sent(house, now, asked):
    comes(asked, mobile(1), now)
    answer_texts(SETTINGS, now)
    ((_number, ours),) = went_back()
    after = now + 9 * DAY
    ready_modem("a", after)
    echo = comes(f"{ours}\n> {ours}", mobile(1), after)
    answer_texts(SETTINGS, after)
    assert (answers(echo).silence, is_done(echo), len(went_back())) == (Silence.ECHO, True, 1)
    quoted = comes(f"Message du 0470: {ours}", mobile(1), after)
    answer_texts(SETTINGS, after)
    assert (answers(quoted).silence, is_done(quoted), len(went_back())) == (Silence.AUTOMATIC, False, 1)


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("first", "answered"),
    [("Bonjour, il y a quelqu'un ?", {"one": 1, "two": 0}), ("STOP", {"one": 1, "two": 0})],
)
def test_two_houses_that_answer_each_other_end_by_themselves(tmp_path, now, first, answered):
    """Each has the other's number among its members; somebody starts with one text."""
    numbers = {"one": "+32470000701", "two": "+32470000702"}
    homes = {}
    for name, number in numbers.items():
        homes[name] = tmp_path / name
        homes[name].mkdir()
        seed("sqlite:///plp.db", homes[name])
        bind("sqlite:///plp.db", homes[name])
        with connected():
            other = next(n for n in numbers.values() if n != number)
            ready_modem("a", now)
            person(1, now - DAY, mobile=other)
    said = dict.fromkeys(numbers, 0)
    post = [("one", first, numbers["two"])]
    for turn in range(20):
        if not post:
            break
        where, words, sender = post.pop()
        bind("sqlite:///plp.db", homes[where])
        with connected():
            comes(words, sender, later(now, turn))
            before = len(went_back())
            answer_texts(SETTINGS, later(now, turn))
            for number, text in went_back()[before:]:
                said[where] += 1
                other = next(name for name, own in numbers.items() if own == number)
                post.append((other, text, numbers[where]))
    assert post == []
    assert said == answered


def test_a_call_for_help_that_asks_for_no_answer_rings_and_stays_open(house, now):
    words = "Au secours, mon mari a une arme. Ne répondez pas à ce SMS, il lit mon téléphone"
    text = comes(words, mobile(1), now)
    answer_texts(SETTINGS, now)
    assert [each.id for each in ringing(now)] == [text]
    assert not is_done(text)
    assert went_back() == []
    (item,) = items_of([Ref("sms", text)])
    assert not item.is_automatic
    assert [reply.inbound_id for reply in replies(answers(text).broadcast_id).others] == [text]


@pytest.mark.parametrize(
    "words",
    ["Message automatique : feu rue 3", "Automatic reply: help, fire", "Out of office, inbraak", "Freemsg: Feuer"],
)
def test_a_word_of_alarm_rings_whoever_seems_to_have_written(words):
    assert read(words).meaning is Meaning.ALARM
    assert read(words).author == "perhaps_machine"


def half(sender, now, words, seq, total=2):
    assert apply_inbound(CARD, Delivered(sender, words, now, Concatenated(7, seq, total)), False, now)


@pytest.mark.parametrize("seen", [take, handle])
def test_half_a_call_for_help_rings_after_a_minute_and_again_with_the_rest(house, now, seen):
    half(mobile(1), now, "Au secours, il y a le feu, des gens sont au premier étage et ", 1)
    answer_texts(SETTINGS, later(now, 59))
    assert ringing(later(now, 59)) == []
    answer_texts(SETTINGS, later(now, 61))
    (rings,) = ringing(later(now, 61))
    assert went_back() == []
    seen([Ref("sms", rings.id)], "anne", later(now, 70))
    assert ringing(later(now, 70)) == []
    half(mobile(1), later(now, 90), "mes enfants aussi", 2)
    ready_modem("a", later(now, 90))
    answer_texts(SETTINGS, later(now, 92))
    assert [each.text[-5:] for each in ringing(later(now, 92))] == ["aussi"]
    assert [number for number, _text in went_back()] == [mobile(1)]


@pytest.mark.parametrize("seen", [take, handle])
def test_the_rest_of_a_text_that_was_seen_rings(house, now, seen):
    half(mobile(1), now, "Bonjour, je voulais vous dire que ", 1)
    answer_texts(SETTINGS, later(now, 61))
    (item,) = threads().rows
    assert not ringing(now)
    seen([item.last.ref], "anne", later(now, 70))
    half(mobile(1), later(now, 90), "il y a le feu au numéro 12", 2)
    answer_texts(SETTINGS, later(now, 92))
    assert [each.id for each in ringing(later(now, 92))] == [item.last.ref.id]
    assert [card.is_alarm for card in threads().rows] == [True]


def test_half_a_text_that_cannot_be_read_keeps_no_other_waiting(house, now, monkeypatch):
    half(mobile(1), now, "poison ", 1)
    comes("STOP", mobile(2), later(now, 62))
    monkeypatch.setattr(autoreply, "listen", lambda *_args: 1 / 0)
    answer_texts(SETTINGS, later(now, 62))
    assert wants_texts(mobile(2)) == [False]
    assert not answer_texts(SETTINGS, later(now, 63))
