"""The meaning of an incoming text: it has one only when all of it has; in doubt an officer decides. Automatic texts are
known by expressions over `plain` of a text: SURE ones no person types, LIKELY ones are left to an officer; beside a
word of alarm either is a call for help. No automatic answer goes to numbers that nobody should text, our own SIMs,
machines, old texts: each of these rules alone ends a loop of two machines (docs/adr/0017).
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Literal

from rules.languages import MAIN_LANGUAGE, together, written
from rules.numbers import may_dial
from rules.replies.unseen import without_unseen
from rules.replies.values import Meaning, Silence

# The words that texts are read by, those of no language and those of all together.
_NEUTRAL = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))
_WORDS = {name: _NEUTRAL.get(name, []) + together("replies", name) for name in written("replies")[MAIN_LANGUAGE]}
STOP, START, OK, COURTESY, SUBJECT, AGREED, REFUSES, STOP_PHRASES, START_PHRASES, OK_PHRASES, LIKES, REACTIONS = (
    frozenset[str](_WORDS[name])
    for name in (
        "stop",
        "start",
        "ok",
        "courtesy",
        "subject",
        "agreed",
        "refuses",
        "stop_phrases",
        "start_phrases",
        "ok_phrases",
        "likes",
        "reactions",
    )
)
SURE, NO_ANSWER, LIKELY = (
    re.compile(rf"\b(?:{'|'.join(expressions)})\b")
    for expressions in (_WORDS["machine"], _WORDS["no_answer"], _WORDS["no_answer"] + _WORDS["perhaps_machine"])
)
ALARM: dict[str, list[str]] = {code: lists["alarm"] for code, lists in written("replies").items()}
# A wish is short; whoever writes more than this means more than a word.
WISH_AT_MOST_WORDS = 9
# Thumbs say OK too.
_SIGNS = str.maketrans({"👍": " ok ", "👌": " ok ", "✅": " ok ", "✔": " ok ", "☑": " ok ", "🆗": " ok "})
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_NO_WORD = re.compile(r"[^0-9a-z]+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
# So many characters of our own text are no chance.
QUOTED_AT_LEAST = 20
# What lay on a SIM through an outage is answered by nobody any more.
OLD = timedelta(hours=24)
# However many numbers a storm comes from: the rest waits for an officer.
ANSWERS_PER_HOUR = 60
# Senders can be forged: what strangers write does not use up what tells a member that they left.
MOST_ANSWERS_PER_HOUR = 2 * ANSWERS_PER_HOUR
STOPS_AT_LEAST = 5
# Of a day too: a few in every hour would empty a small list overnight.
STOPS_SHARE, STOPS_SHARE_OF_DAY = 50, 20


def plain(text: str) -> str:
    """Words of a–z and 0–9 with one space between them: « Arrêt, s.v.p. » is `arret svp`, STOOOP is `stop`."""
    folded = unicodedata.normalize("NFKD", without_unseen(text).translate(_SIGNS).casefold().translate(_LETTERS))
    bare = "".join(character for character in folded if not unicodedata.combining(character))
    words = _NO_WORD.sub(" ", _STRETCHED.sub(r"\1", bare)).split()
    return " ".join(_joined(words))


def without(words: str, ours: Iterable[str]) -> str:
    """Plain `words` without what they quote of texts that we sent; empty when nothing is left."""
    rest = f" {words} "
    for body in sorted((plain(text) for text in ours), key=len, reverse=True):
        if len(body) < QUOTED_AT_LEAST:
            if rest.strip() == body:
                return ""
        elif f" {body} " in rest:
            while f" {body} " in rest:  # two in a row share the space between them
                rest = rest.replace(f" {body} ", " ")
        elif len(rest) > 2 * QUOTED_AT_LEAST and body.startswith(rest.strip()):
            return ""  # cut short, as gateways do
    return rest.strip()


def _joined(words: list[str]) -> list[str]:
    """`s t o p` is one word, and so is the `s v p` in « s.v.p. »; a single letter is unchanged."""
    joined: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            run.append(word)
            continue
        joined += ["".join(run)] if len(run) > 2 else run
        run = []
        if word:
            joined.append(word)
    return joined


@dataclass(frozen=True, slots=True)
class Reading:
    """`language` is of the words of alarm, empty without any; such a text raises an alarm, whoever wrote it. `author`
    is the probable one; `echo`: the text contains only ours.
    """

    meaning: Meaning
    language: str = ""
    author: Literal["person", "perhaps_machine", "machine", "echo"] = "person"


def meaning(text: str) -> Meaning:
    """The meaning of `text` without regard to what we sent."""
    return read(text).meaning


def takes_charge(text: str) -> bool:
    """True when somebody who was called takes charge: « OK j'y vais », not « OK mais je ne peux pas »."""
    words = plain(text).split()
    return bool(words) and "?" not in text and words[0] in AGREED and REFUSES.isdisjoint(words)


def read(text: str, sent_lately: Iterable[str] = (), answers: Sequence[str] = ()) -> Reading:
    """Read `text` without its quotations of `sent_lately`, which name the danger. One that quotes our automatic
    `answers` may come from a gateway, and is left to an officer.
    """
    whole = plain(text)
    words = without(whole, [*sent_lately, *answers])
    if whole and not words:
        return Reading(Meaning.OTHER, author="echo")
    if words != whole and words in LIKES:
        return Reading(Meaning.OK)
    is_machines = SURE.search(words) is not None
    framed = f" {words} "
    hits = {code: sum(f" {phrase} " in framed for phrase in phrases) for code, phrases in ALARM.items()}
    language = max(hits, key=lambda code: hits[code])
    if hits[language]:
        # Whoever asks for no answer may not be alone with their telephone.
        silent = is_machines or NO_ANSWER.search(words) is not None
        return Reading(Meaning.ALARM, language, "perhaps_machine" if silent else "person")
    if is_machines or (words != whole and words in REACTIONS):
        return Reading(Meaning.OTHER, author="machine")
    if LIKELY.search(words):
        return Reading(Meaning.OTHER, author="perhaps_machine")
    wish = _wish(words, asks="?" in text)
    quotes_answer = wish is Meaning.OTHER and without(whole, answers) != whole
    return Reading(wish, author="perhaps_machine" if quotes_answer else "person")


def _wish(words: str, asks: bool) -> Meaning:
    framed = f" {words} "
    for phrase in _WORDS["courtesy_phrases"]:
        framed = framed.replace(f" {phrase} ", " ")
    wish = " ".join(word for word in framed.split() if word not in COURTESY)
    if not wish or len(words.split()) > WISH_AT_MOST_WORDS:
        return Meaning.OTHER
    if wish in STOP_PHRASES or _only(wish, STOP, SUBJECT):
        return Meaning.STOP
    if wish in START_PHRASES or _only(wish, START, SUBJECT):
        return Meaning.START
    # « OK ? » wants an answer, and does not give one.
    if not asks and (wish in OK_PHRASES or _only(wish, OK, frozenset())):
        return Meaning.OK
    return Meaning.OTHER


def _only(wish: str, verbs: frozenset[str], objects: frozenset[str]) -> bool:
    """True when the first word is the wish, and the rest repeats it or names its object."""
    first, *rest = wish.split()
    return first in verbs and all(word in verbs or word in objects for word in rest)


def most_stops(members: int, configured: int) -> int:
    """The number of members' STOPs of one hour that count; more are held. `configured` 0: a fiftieth of the list."""
    return configured or max(STOPS_AT_LEAST, members // STOPS_SHARE)


def most_stops_of_day(members: int, configured: int) -> int:
    """The same for a day: a twentieth of the list, and never less than of an hour."""
    return max(most_stops(members, configured), members // STOPS_SHARE_OF_DAY)


def silence_for(sender: str, is_own: bool, reading: Reading, sent_at: datetime, now: datetime) -> Silence:
    """The reason why this text gets no answer; NONE if there is no objection to one."""
    if is_own:
        return Silence.OWN
    if not may_dial(sender):
        return Silence.NO_NUMBER
    if reading.author == "echo":
        return Silence.ECHO
    if reading.author != "person":
        return Silence.AUTOMATIC
    return Silence.OLD if sent_at < now - OLD else Silence.NONE
