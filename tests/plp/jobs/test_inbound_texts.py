"""Three hundred texts, and what must happen to each: the words alone, then the whole way through the house."""

from datetime import timedelta
from itertools import count

import pytest

from db.engine.connection import writing
from db.inbound.replies.leaving import apply_stop
from db.inbound.replies.thread import ringing
from db.models.modem_records import AlertReply
from plp.jobs.autoreply import answer_texts
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.replies.meaning import read
from rules.replies.values import Leaving, Meaning
from tests.plp.jobs.answering import HOUR, OWN, SETTINGS, alert, comes, is_done, ready_modem, went_back
from tests.plp.jobs.inbound_texts import ALERT, TEXTS
from tests.support.people import mobile, person

MEANINGS = {
    "left": Meaning.STOP,
    "told": Meaning.STOP,
    "back": Meaning.START,
    "started": Meaning.START,
    "counted": Meaning.OK,
    "rings": Meaning.ALARM,
    "silent_ring": Meaning.ALARM,
}
FIRST_WORDS = {
    "fr": ("Réponse automatique", "C'est noté"),
    "nl": ("Automatisch antwoord", "Genoteerd"),
    "de": ("Automatische Antwort", "Notiert"),
    "en": ("Automatic reply", "Noted"),
}
LANGUAGES = tuple(FIRST_WORDS)
KNOWN = (*LANGUAGES, "out", "form")


def test_there_are_enough_of_them():
    assert len(TEXTS) >= 200
    assert len({(text, who) for text, who, _what in TEXTS}) == len(TEXTS)
    assert {who for _text, who, _what in TEXTS} >= {*KNOWN, "stranger", "own", "8850", "Proximus"}


def is_read_rightly(text, who, what):
    reading = read(text, [ALERT])
    if who == "own" or (who, what) in {("8850", "nothing"), ("form", "answered"), ("stranger", "nothing")}:
        return True  # what happens to it is decided by who wrote it
    if what in MEANINGS:
        return reading.meaning == MEANINGS[what]
    if what == "answered" and text != "START":
        return (reading.meaning, reading.author) == (Meaning.OTHER, "person")
    if what == "nothing":
        return reading.author in ("machine", "echo")
    if what == "quiet" and who in (*KNOWN, "stranger"):
        return (reading.meaning, reading.author) == (Meaning.OTHER, "perhaps_machine")
    return True


def test_what_a_text_means():
    assert [each for each in TEXTS if not is_read_rightly(*each)] == []


class House:
    """One number per text, so that no text has to do with another."""

    def __init__(self, now):
        self.numbers = {}
        self.ids = {}
        with writing():
            for index, (_text, who, _what) in enumerate(TEXTS):
                self.numbers[index] = self._number(index, who, now)
            for index, (_text, who, _what) in enumerate(TEXTS):
                if who == "out":
                    assert apply_stop(self.numbers[index], now - 4 * HOUR, now - 4 * HOUR, now) is Leaving.LEFT

    def _number(self, index, who, now):
        if who == "stranger":
            return f"+324710{index:05}"
        if who not in KNOWN:
            return OWN if who == "own" else who
        language = who if who in LANGUAGES else "fr"
        member = person(index, now - 5 * HOUR, language=language)
        if who == "form":
            draft = MemberDraft(f"Prénom{index}", f"Nom{index:03}", mobile(index), "", "fr", 1, sms=False)
            save_member(member, draft, "anne", now - 4 * HOUR)
        return mobile(index)

    def receives(self, now):
        with writing():
            for index, (text, _who, _what) in enumerate(TEXTS):
                # The service centre stamps seconds; two texts of one sender in one second would be one.
                self.ids[index] = comes(text, self.numbers[index], now, now + timedelta(seconds=-index))


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_what_happens_to_each(now, monkeypatch):
    monkeypatch.setattr("db.inbound.replies.judging.ANSWERS_PER_HOUR", 10_000)
    monkeypatch.setattr("db.inbound.replies.judging.MOST_ANSWERS_PER_HOUR", 10_000)
    monkeypatch.setattr("db.inbound.replies.thread.most_stops", lambda _members, _configured: 10_000)
    monkeypatch.setattr("db.inbound.replies.thread.most_stops_of_day", lambda _members, _configured: 10_000)
    house = House(now)
    with writing():
        alert(now - HOUR, ALERT)
    house.receives(now)
    ready_modem("a", now)
    steps = count()
    while answer_texts(SETTINGS, now):
        assert next(steps) < 20
    back = {}
    for number, text in went_back():
        assert back.setdefault(number, text) == text, "more than one answer"
        assert len(text) <= 160
    ringing_ids = {text.id for text in ringing(now)}
    counted = {row.message.msisdn for row in AlertReply.select()}
    wrong = []
    for index, (text, who, what) in enumerate(TEXTS):
        facts = outcome(house.numbers[index], house.ids[index], who, back, ringing_ids, counted)
        if facts != expected(what):
            wrong.append((text, who, what, facts))
    assert wrong == []


def outcome(number, inbound_id, who, back, ringing_ids, counted):
    """(what went back, is in, said OK, rings, waits for an officer)"""
    language = who if who in LANGUAGES else "fr"
    text = back.get(number, "") if who != "own" else ""
    kind = next(
        (k for k, start in zip(("answer", "note"), FIRST_WORDS[language], strict=True) if text.startswith(start)), ""
    )
    assert bool(text) == bool(kind) or who == "stranger", text
    if who == "stranger" and text:
        kind = "note" if "START" in text else "answer"
        assert "@" not in text
    if kind == "note":
        kind = "stop" if text.endswith(("START", "START.")) else "start"
    return (kind, number in counted, inbound_id in ringing_ids, not is_done(inbound_id))


def expected(what):
    return {
        "left": ("stop", False, False, False),
        "told": ("stop", False, False, False),
        "back": ("start", False, False, False),
        "started": ("start", False, False, False),
        "counted": ("", True, False, False),
        "answered": ("answer", False, False, True),
        "rings": ("answer", False, True, True),
        "silent_ring": ("", False, True, True),
        "quiet": ("", False, False, True),
        "nothing": ("", False, False, False),
    }[what]
