"""Who is never answered, and for which reason: each rule by itself, for the others would hide it."""

from datetime import timedelta

import pytest

from rules.numbers import may_dial
from rules.replies.meaning import Reading, plain, silence_for, without
from rules.replies.values import Meaning, Silence

NUMBER = "+32470000001"
HOUR = timedelta(hours=1)
BODY = "Incendie rue de la Station, fermez vos portes."


@pytest.mark.parametrize(
    ("number", "is_own", "author", "ago", "silence"),
    [
        (NUMBER, False, "person", 0, Silence.NONE),
        (NUMBER, False, "person", 24, Silence.NONE),
        (NUMBER, False, "person", 25, Silence.OLD),
        (NUMBER, True, "person", 0, Silence.OWN),
        (NUMBER, True, "echo", 25, Silence.OWN),
        (NUMBER, False, "echo", 0, Silence.ECHO),
        (NUMBER, False, "machine", 0, Silence.AUTOMATIC),
        (NUMBER, False, "perhaps_machine", 0, Silence.AUTOMATIC),
        ("8850", False, "person", 0, Silence.NO_NUMBER),
    ],
)
def test_why_nothing_goes_back(now, number, is_own, author, ago, silence):
    reading = Reading(Meaning.OTHER, author=author)
    assert silence_for(number, is_own, reading, now - ago * HOUR, now) is silence


@pytest.mark.parametrize("number", ["+32470000001", "+32499123456"])
def test_a_belgian_mobile_can_be_answered(number):
    assert may_dial(number)


@pytest.mark.parametrize(
    "number",
    ["", "101", "112", "8850", "123456", "0470000001", "32470000001", "0032470000001", "Proximus", "+3243304000",
     "+3242345678", "+32461123456", "+3270123456", "+3290012345", "+3247000001", "+33612345678", "+4915123456789",
     "+447911123456", "+32470 00 00 01"],
)  # fmt: skip
def test_nothing_else_can(number):
    assert not may_dial(number)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("« ARRÊT », s.v.p. !", "arret svp"),
        ("STOOOOP", "stop"),
        ("S T O P", "stop"),
        ("à l'aide", "a l aide"),
        ("Œuf ßtraße", "oeuf sstrasse"),
        ("👍🏽", "ok"),
        ("ＯＫ\u200b", "ok"),
        (" \n… ", ""),
    ],
)
def test_plain_words(text, words):
    assert plain(text) == words


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (BODY, ""),
        (f"Re: {BODY}", "re"),
        (f"{BODY}\n> {BODY} OK", "ok"),
        (BODY[:41], ""),
        (BODY[:20], "incendie rue de la s"),
        ("Rue de la Station", "rue de la station"),
    ],
)
def test_what_is_left_of_a_text_that_quotes_ours(text, rest):
    assert without(plain(text), [BODY, "Rue"]) == rest
