"""The meaning of an incoming text: all of it must say so. In doubt an officer decides; nothing is guessed.

Automatic texts (absence and delivery notices, voice boxes, reactions) are known by regular expressions over `plain` of
a text; answering them makes loops. SURE ones no person types: such a text waits for no officer. LIKELY ones an officer
reads. A word of alarm beside either is a call for help until somebody has looked.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal

from plp.rules.replies.values import Meaning

# The words that texts are read by, with the reasons for what is left out.
_WORDS = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))
STOP, START, OK, COURTESY, SUBJECT, AGREED, REFUSES, STOP_PHRASES, START_PHRASES, OK_PHRASES = (
    frozenset[str](_WORDS[name])
    for name in (
        *("stop", "start", "ok", "courtesy", "subject"),
        *("agreed", "refuses", "stop_phrases", "start_phrases", "ok_phrases"),
    )
)
ALARM: dict[str, list[str]] = _WORDS["alarm"]
# A wish is short; whoever writes more than this means more than a word.
WISH_AT_MOST_WORDS = 9
# Thumbs say OK too.
_SIGNS = str.maketrans({"👍": " ok ", "👌": " ok ", "✅": " ok ", "✔": " ok ", "☑": " ok ", "🆗": " ok "})
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_NO_WORD = re.compile(r"[^0-9a-z]+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
# So many characters of our own text are not there by chance.
QUOTED_AT_LEAST = 20


def plain(text: str) -> str:
    """Words of a–z and 0–9 with one space between them: « Arrêt, s.v.p. » is `arret svp`, STOOOP is `stop`."""
    folded = unicodedata.normalize("NFKD", text.translate(_SIGNS).casefold().translate(_LETTERS))
    bare = "".join(character for character in folded if not unicodedata.combining(character))
    words = _NO_WORD.sub(" ", _STRETCHED.sub(r"\1", bare)).split()
    return " ".join(_joined(words))


def without(words: str, ours: Iterable[str]) -> str:
    """Plain `words` without what they quote of texts that we sent; empty when nothing is left."""
    rest = f" {words} "
    for body in sorted((plain(each) for each in ours), key=len, reverse=True):
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
    """`s t o p` is one word, and so is the `s v p` in « s.v.p. »; a letter alone stays what it is."""
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


def _any(*expressions: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(expressions)})\b")


SURE: Final = _any(
    r"(?:reponse|message|sms|courriel) automatique",
    r"automatiquement (?:genere|envoye)",
    r"auto ?(?:reply|response|responder)",
    r"automati(?:c|ed) (?:reply|response|message)",
    r"automatisch (?:antwoord|bericht)",
    r"automatische (?:antwort|nachricht)",
    r"afwezigheids(?:bericht|melding)",
    r"abwesenheits(?:notiz|nachricht)",
    r"out of (?:the )?office",
    r"free ?msg",
    r"(?:mail|in)?box is not monitored",
    # our own confirmations, in the wording of today and of before: two boxes may have each other's number
    r"c est note vous (?:ne recevrez plus de sms|recevrez (?:de|a) nouveau les alertes)",
    r"genoteerd u krijgt (?:geen sms|opnieuw de alarm(?:en|berichten))",
    r"notiert sie erhalten (?:keine sms mehr|wieder die (?:meldungen|warnungen))",
    r"noted you will get (?:no more (?:sms|texts)|the alerts of)",
)

# A machine says so, and so does somebody whose telephone another person reads: nothing goes back in any case.
_NO_ANSWER = (
    r"ne (?:(?:me |nous )?(?:pas repondre|repondez (?:surtout )?pas|reponds pas)|(?:me |nous )?rappelez pas)"
    r"(?: a ce (?:message|sms|numero))?",
    r"(?:please )?(?:do not|don t) (?:reply|answer|call back)",
    r"(?:niet|gelieve niet) (?:te )?(?:antwoorden|beantwoorden)|antwoord niet|bel niet terug",
    r"nicht (?:auf diese (?:nachricht|sms) )?(?:zu )?antworten|antworten sie (?:bitte )?nicht",
)
NO_ANSWER: Final = _any(*_NO_ANSWER)

_ABSENT_FR = r"(?:absente?|en conges?|en vacances|en reunion|indisponible|a l etranger|au volant|injoignable|occupee?)"
_ABSENT_NL = (
    r"(?:afwezig|met (?:vakantie|verlof)|niet (?:bereikbaar|beschikbaar)|aan het rijden|in (?:een )?vergadering)"
)
_ABSENT_DE = r"(?:im urlaub|abwesend|nicht (?:erreichbar|im buro)|in einer besprechung|am steuer)"
_ABSENT_EN = r"(?:away|driving|on (?:holiday|vacation|leave)|in a meeting|not available|unavailable|abroad)"

LIKELY: Final = _any(
    *_NO_ANSWER,
    # absent
    rf"(?:je suis|nous sommes|actuellement) (?:actuellement |momentanement |pour le moment )?{_ABSENT_FR}",
    r"je conduis|je ne (?:peux|puis) pas (?:repondre|parler|decrocher)|je vous (?:rappelle|recontacte)",
    r"ne suis pas (?:disponible|joignable)|de retour le|absente? jusqu|en (?:cas|mon) d? ?absence",
    rf"ik ben (?:momenteel |even |tijdelijk )?{_ABSENT_NL}",
    r"kan (?:nu |momenteel )?niet (?:opnemen|praten|antwoorden)|ik bel (?:u|je) (?:later )?terug|terug (?:op|vanaf)",
    rf"(?:ich bin|derzeit|zurzeit|momentan) (?:derzeit |zurzeit |momentan |gerade )?{_ABSENT_DE}",
    r"kann (?:gerade|jetzt|derzeit) nicht (?:sprechen|antworten|rangehen)|rufe (?:sie|dich) (?:spater )?zuruck",
    rf"i (?:m|am) (?:currently |now )?{_ABSENT_EN}",
    r"can t (?:talk|answer|take)|cannot (?:talk|answer)|call you (?:back )?later|(?:call|get) back to you",
    # taken in, delivered, not delivered
    r"accuse de reception|ontvangstbevestiging|empfangsbestatigung|(?:delivery|read) (?:report|receipt|status)",
    r"(?:message|sms) (?:non )?(?:distribue|delivre|remis)|votre (?:message|sms|demande) (?:a ete|n a pas|a bien)",
    r"message (?:was |could )?(?:not )?(?:be )?delivered|undeliver(?:able|ed)|delivery failed",
    r"niet (?:worden )?(?:afgeleverd|bezorgd)|werd (?:niet )?afgeleverd|(?:nicht )?zugestellt",
    r"nous avons bien recu votre|wij hebben uw (?:bericht|aanvraag)|wir haben ihre (?:nachricht|anfrage)",
    r"we have received your|your (?:message|request) (?:has|was|could)|ticket \w*\d\w*",
    r"numero (?:que vous|n est (?:plus|pas) attribue|n accepte pas)|no ?reply",
    # voice boxes and calls
    r"nouveaux? messages? voca(?:l|ux)|boite vocale|messagerie vocale|voice ?mail|spraakbericht|sprachnachricht",
    r"appels? (?:manques?|en absence)|missed calls?|gemiste oproep(?:en)?|verpasster? anrufe?",
    r"a (?:essaye|tente) de vous",
    # operators, shops, banks
    r"votre (?:credit|solde|forfait|colis)|uw (?:tegoed|saldo|belkrediet|pakje)|ihr (?:guthaben|tarif|paket)",
    r"your (?:credit|balance|plan|parcel)|code (?:de )?(?:verification|confirmation|securite)",
    r"verification code|verificatiecode|bestatigungscode",
)

# What a telephone writes around our own text when somebody taps on it (see `reading.without`).
LIKES: Final = frozenset(
    {
        "a aime", "j aime", "ok to", "ok a", "ok aan", "ok an", "ok zu", "a reagi avec ok a", "a reagi ok a",
        "liked", "loved", "a adore", "vindt leuk", "vond leuk", "gefallt", "gefallt mir", "reacted ok to",
    }
)  # fmt: skip
REACTIONS: Final = frozenset(
    {
        "a ri de", "a ri a", "a mis en evidence", "a souligne", "n a pas aime", "a reagi a", "a pose une question sur",
        "laughed at", "emphasized", "emphasised", "disliked", "questioned", "reacted to", "removed a like from",
        "a supprime j aime de", "benadrukte", "reageerde op", "hervorgehoben", "lacht uber", "hat reagiert auf",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """`language` is that of the words of alarm, empty where there are none; such a text rings, whoever wrote it.
    `author` is the probable one: a person; perhaps a machine, or one for sure; or ourselves (`echo`), when the text
    holds nothing but ours.
    """

    meaning: Meaning
    language: str = ""
    author: Literal["person", "perhaps_machine", "machine", "echo"] = "person"


def meaning(text: str) -> Meaning:
    """The meaning of `text` without regard to what we sent."""
    return read(text).meaning


def takes_charge(text: str) -> bool:
    """True when somebody who was called takes it upon them: « OK j'y vais », not « OK mais je ne peux pas »."""
    words = plain(text).split()
    return bool(words) and "?" not in text and words[0] in AGREED and REFUSES.isdisjoint(words)


def read(text: str, sent_lately: Iterable[str] = (), answers: Sequence[str] = ()) -> Reading:
    """Read `text` without its quotations of `sent_lately`, our own texts: they name what they warn of. A text that
    quotes `answers`, our automatic ones to this number, may come from a gateway, and is left to an officer.
    """
    whole = plain(text)
    words = without(whole, [*sent_lately, *answers])
    if whole and not words:
        return Reading(Meaning.OTHER, author="echo")
    if words != whole and words in LIKES:
        return Reading(Meaning.OK)
    is_machines = SURE.search(words) is not None
    language = _alarm(words)
    if language:
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
    wish = _without_courtesy(words)
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
    """True when the first word is the wish, and what follows repeats it or says of what."""
    first, *rest = wish.split()
    return first in verbs and all(word in verbs or word in objects for word in rest)


def _without_courtesy(words: str) -> str:
    framed = f" {words} "
    for phrase in _WORDS["courtesy_phrases"]:
        framed = framed.replace(f" {phrase} ", " ")
    return " ".join(word for word in framed.split() if word not in COURTESY)


def _alarm(words: str) -> str:
    """The language that most words of alarm are of; empty where there are none."""
    framed = f" {words} "
    hits = {language: sum(f" {phrase} " in framed for phrase in phrases) for language, phrases in ALARM.items()}
    most = max(hits, key=lambda language: hits[language])
    return most if hits[most] else ""
