"""The texts of an order before it is taken: which of them go out, what the guard finds, and who answers for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from db.alerts.orders.texts import MAIN_LANGUAGE
from db.alerts.templates.kept import wordings
from db.inbound.inbox.answers import enqueue_text_reply
from db.inbound.inbox.values import Ref
from db.inbound.replies.leaving import out_on
from db.people.audience import Audience, size
from db.people.members.listing import neighbourhoods
from db.people.zone import directory, zone
from modem.sms.composition import count, normalise
from modem.sms.transliteration import propose_gsm7
from plp.letters.words import FRAME
from plp.rules.people import LANGUAGE_NAMES
from plp.rules.refusals import Refusal
from plp.rules.sentences import Sentence
from plp.rules.text_guard import (
    SHORTEST_REASON,
    FindingsRefused,
    Known,
    TextFinding,
    findings,
    numbers_in,
    require_meant,
    require_unmistakable,
    sites_in,
)
from plp.rules.warning.elements import lacking


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of whoever orders: the findings are meant and why, and one language is enough."""

    accepted: bool = False
    reason: str = ""
    one_language: bool = False


@dataclass(frozen=True, slots=True)
class Readers:
    """The number of chosen people who read a language; `missing`: they are owed a text, and there is none."""

    language: str
    people: int
    missing: bool


class MissingText(Refusal):
    """Somebody among the people chosen reads a language that has no text; `languages` are these."""

    def __init__(self, template: str, /, languages: tuple[str, ...], **values: object) -> None:
        super().__init__(template, **values)
        self.languages = languages


def answers_of_program(accept_findings: str | None, one_language: bool) -> Answers:
    """A program answers for findings with a reason. Raises Refusal where that is none."""
    if accept_findings is None:
        return Answers(one_language=one_language)
    reason = " ".join(accept_findings.split())[:300]
    if len(reason) < SHORTEST_REASON:
        raise Refusal("Indiquez un motif : il reste dans l'historique.")
    return Answers(True, reason, one_language)


def known() -> Known:
    """The zone's own numbers and sites, from the directory, its neighbourhoods, and how its alerts begin."""
    owner = zone()
    contacts = " ; ".join([owner.phone, *(entry.contact for entry in directory())])
    places = tuple(place.name for place in neighbourhoods())
    first_words = (words.prefix for words in wordings().values() if words.prefix)
    return Known(numbers_in(contacts), sites_in(contacts), places, (owner.name, *first_words))


def judged(texts: Mapping[str, str], drill: bool) -> tuple[TextFinding, ...]:
    """The guard's findings in texts by language, as they will arrive: soft hyphens hide no word. Of an alert the main
    text's missing elements come last.
    """
    whole = {language: normalise(text) for language, text in texts.items()}
    here, (language, main) = known(), next(iter(whole.items()), ("", ""))
    missing = () if drill else tuple(TextFinding(kind, language, "") for kind in lacking(main, here))
    return findings(whole, drill, here) + missing


def readers(texts: Mapping[str, str], languages: Iterable[tuple[str, int]]) -> tuple[Readers, ...]:
    """The languages that people read, in the order given, and which are owed a text that is not there."""
    words = wordings()
    return tuple(
        Readers(language, number, missing=language not in texts and language in words and words[language].required)
        for language, number in languages
    )


def checked(
    texts: Mapping[str, str], audience: Audience, drill: bool, one_language: bool
) -> tuple[dict[str, str], tuple[TextFinding, ...]]:
    """The texts that go out, and the guard's findings in them. Raises MissingText, or FindingsRefused for a drill that
    people would take for an alert.
    """
    main = texts.get(MAIN_LANGUAGE, "")
    if drill:
        require_unmistakable(judged({MAIN_LANGUAGE: main}, drill))
    going = {MAIN_LANGUAGE: main} if one_language else _read(texts, size(audience).languages)
    found = judged(going, drill)
    if drill:
        require_unmistakable(found)
    return going, found


def require_texts(texts: Mapping[str, str], languages: Iterable[tuple[str, int]]) -> tuple[Readers, ...]:
    """The readers of each language. Raises MissingText where some are owed a text and there is none."""
    there = readers(texts, languages)
    missing = [each for each in there if each.missing]
    if missing:
        raise MissingText(
            "Aucun SMS n'a été envoyé : {whom} et ce texte manque. Rédigez-le, ou envoyez le texte français à tous.",
            tuple(each.language for each in missing),
            whom=tuple(_missing_words(each) for each in missing),
        )
    return there


def follow_up_findings(texts: Mapping[str, str], drill: bool, for_rest: bool) -> tuple[TextFinding, ...]:
    """Findings that somebody answers for; `for_rest`: of the corrected alert to those who have nothing yet. A
    correction may have to say that an alert was a drill; an alert may not.
    """
    return tuple(each for each in judged(texts, drill) if each.asks and (for_rest or not each.blocks))


def require_follow_up_answered(
    texts: Mapping[str, str], languages: Iterable[tuple[str, int]], drill: bool, for_rest: bool, answers: Answers
) -> None:
    """Raise MissingText or FindingsRefused, as `place` does, for a correction or an end of alert."""
    if not answers.one_language:
        require_texts(texts, languages)
    require_meant(follow_up_findings(texts, drill, for_rest), answers.accepted)


class StoppedReader(Refusal):
    """Somebody on this number wants no SMS, and the officer has not said that this one is meant all the same."""


def reply_by_text(
    ref: Ref, to: str, body: str, language: str, accepted: bool, nonce: str, by: str, now: datetime
) -> None:
    """Answer a text by one SMS to `to`, its sender. The emergency number follows in the reader's language where there
    is room. `accepted`: what was warned of is meant. Raises Refusal, StoppedReader, FindingsRefused.
    """
    text = " ".join(body.split())
    if not text:
        raise Refusal("Rédigez la réponse avant de l'envoyer.")
    text = propose_gsm7(text) or normalise(text)
    if count(text).parts > 1:
        raise Refusal("La réponse dépasse un SMS : raccourcissez-la. Aucun SMS n'a été envoyé.")
    found = tuple(each for each in judged({language: text}, drill=False) if each.asks)
    if found and not accepted:
        raise FindingsRefused("Aucun SMS n'a été envoyé. Confirmez les points signalés, ou corrigez le texte.", found)
    stopped = out_on(to)
    if stopped and not accepted:
        raise StoppedReader(
            "Aucun SMS n'a été envoyé. {names} ne souhaite plus de SMS : confirmez, ou téléphonez.",
            names=", ".join(stopped),
        )
    whole = f"{text} {FRAME[language]['urgent']}: {zone().emergency}."
    enqueue_text_reply(ref, whole if count(whole).parts == 1 else text, nonce, by, now)


def _read(texts: Mapping[str, str], languages: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Only what somebody among the people chosen will get; the main text for who has none of their own."""
    there = require_texts(texts, languages)
    read = {each.language if each.language in texts else MAIN_LANGUAGE for each in there}
    going = {language: text for language, text in texts.items() if language in read}
    return going or {MAIN_LANGUAGE: texts.get(MAIN_LANGUAGE, "")}


def _missing_words(each: Readers) -> Sentence:
    values = {"n": each.people, "language": LANGUAGE_NAMES.get(each.language, each.language)}
    if each.people == 1:
        return Sentence("{n} personne lit en {language}", values)
    return Sentence("{n} personnes lisent en {language}", values)
