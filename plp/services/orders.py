"""The one way in: the page, the command line and the API order a broadcast, or correct one, here. Before it is taken:
which of its texts go out, what the guard finds in them, and who answers for it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from db.alerts.orders.enqueue import asked_of
from db.alerts.orders.follow_up import (
    followed_before,
    follows_late,
    place_corrected,
    place_follow_up,
    reached,
    untouched,
)
from db.alerts.orders.orders import DRILL_WORDS, drill_text, place_order, placed_before
from db.alerts.orders.texts import MAIN_LANGUAGE, corrected_text, follow_up_text, texts_of
from db.alerts.progress.progress import Progress
from db.alerts.templates.kept import wordings
from db.alerts.values import Following, FollowUpOrder, Order
from db.people.audience import Audience, size
from db.people.members.listing import neighbourhoods
from db.people.zone import directory, zone
from db.settings.values import SendingSettings
from modem.errors import TextError
from modem.sms.composition import Composition, compose, normalise
from plp.services.approving import break_glass, goes_alone, record_without_code, require_hand
from plp.services.broadcasts import Request, existing
from plp.services.first_start import require_named_zone
from rules.agreement import Hand, require_word
from rules.people import LANGUAGE_NAMES, Actor
from rules.refusals import Refusal, reason_of
from rules.sentences import Sentence
from rules.text_guard import (
    Known,
    TextFinding,
    findings,
    kinds_of,
    numbers_in,
    require_answered,
    require_meant,
    require_unmistakable,
    sites_in,
)
from rules.warning.elements import lacking

# What somebody writes to many; a text to one's own phone is looked at when it goes to the others.
_JUDGED = ("alert", "drill")


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
    return Answers(True, reason_of(accept_findings), one_language)


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


def arriving(text: str, *, drill: bool, kind: Following | None = None, language: str = MAIN_LANGUAGE) -> str:
    """`text` with the words that are put in: first of a correction or an end of alert its sender and kind, of a
    corrected alert its sender; first and last of a drill that it is one.
    """
    if not text.strip():
        return text
    opened = _opened(normalise(text), kind, language) if kind else text
    return drill_text(opened, language) if drill else opened


def _opened(text: str, kind: Following, language: str) -> str:
    own = wordings().get(language)
    prefix = normalise(own.prefix) if own else ""
    return corrected_text(text, prefix) if kind == "corrected" else follow_up_text(text, kind, language, prefix)


def composed(text: str, *, drill: bool, kind: Following | None = None, language: str = MAIN_LANGUAGE) -> Composition:
    """`text` exactly as it will arrive. Raises Refusal: empty, or too long."""
    try:
        return compose(arriving(text, drill=drill, kind=kind, language=language))
    except TextError as error:
        raise Refusal("{sentence}", sentence=error) from None


def place(
    texts: Mapping[str, str],
    order: Order,
    sending: SendingSettings,
    now: datetime,
    answers: Answers = Answers(),
    hand: Hand | None = None,
) -> Progress:
    """Order a text for each language: text guard, drill words, languages and the person's hand are looked at here,
    ceilings, budgets, approval and repeats by `place_order`. An order with the same key is answered as it was before;
    one that waits for a second person goes out when it is given again with a reason why there is none.

    Raises Refusal, WrongCount, ProofWanted, MissingText, FindingsRefused, Duplicate, OverLimit or NotReady; then
    nothing is sent.
    """
    require_named_zone()
    texts = {language: each for language, each in texts.items() if each.strip()} or {MAIN_LANGUAGE: ""}
    drill = order.kind == "drill"
    if order.idempotency_key is not None:
        order = replace(order, digest=asked_of(order, texts_of(all_composed(texts, drill))))
        before = placed_before(order, now)
        if before is not None:
            return _alone(before, order, sending, now, hand)
    if hand is not None and drill:
        require_word(hand, DRILL_WORDS[MAIN_LANGUAGE])
    elif hand is not None:
        require_hand(hand, order.by, size(order.audience).people, now)
    if order.kind in _JUDGED:
        texts, found = checked(texts, order.audience, drill, answers.one_language)
        if not drill:  # nobody has to answer for one
            require_answered(found, answers.accepted, answers.reason)
        order = replace(order, remarks=_remarks(order, found, answers))

    def taken(broadcast_id: int) -> None:
        record_without_code(broadcast_id, hand, order.by, now)

    return place_order(order, all_composed(texts, drill), sending, now, taken)


def _alone(before: Progress, order: Order, sending: SendingSettings, now: datetime, hand: Hand | None) -> Progress:
    """An order given again, now perhaps with a reason why no second person can be asked. Raises Refusal."""
    if not goes_alone(before, order.alone_because):
        return before
    try:
        break_glass(before.id, hand or Hand(), order.alone_because or "", Request(Actor.read(order.by), sending, now))
    except Refusal:
        # Of two presses at once the second finds it decided, and shows what became of it.
        if existing(before.id, now).state == "awaiting_approval":
            raise
    return existing(before.id, now)


def _remarks(order: Order, found: tuple[TextFinding, ...], answers: Answers) -> tuple[tuple[str, object], ...]:
    """The journal's remarks on an alert: findings that somebody answered for, and their reason."""
    if order.kind != "alert":
        return order.remarks
    kinds = kinds_of(found)
    told = (("guard", kinds), ("guard_reason", answers.reason if kinds else ""), ("one_language", answers.one_language))
    return tuple((name, value) for name, value in told if value) + order.remarks


def all_composed(texts: Mapping[str, str], drill: bool, kind: Following | None = None) -> dict[str, Composition]:
    """Each language's text composed. Raises Refusal as `composed` does."""
    return {language: composed(each, drill=drill, kind=kind, language=language) for language, each in texts.items()}


def follow_up(
    texts: Mapping[str, str],
    original: Progress,
    asked: FollowUpOrder,
    sending: SendingSettings,
    now: datetime,
    answers: Answers = Answers(),
    hand: Hand | None = None,
    *,
    for_rest: bool = False,
) -> tuple[Progress, Progress | None]:
    """Compose each language's text, and send it to those whom `original` reached; of a correction `for_rest`, the same
    text as an alert to those whom it did not reach, None where there is nobody. Asked for again with the same key, what
    a crash kept from being ordered is ordered. Raises Refusal, MissingText, FindingsRefused, Duplicate or NotReady.
    """
    whole = all_composed(texts, original.drill, asked.kind)
    corrected = all_composed(texts, original.drill, "corrected") if for_rest else whole
    key = asked.idempotency_key
    if followed_before(key, now) is None:
        people = [*reached(original.id), *(untouched(original.id) if for_rest else ())]
        languages = Counter(person.language for person in people).most_common()
        if hand is not None and follows_late(original.id, now):
            require_hand(hand, asked.by, len(people), now, drill=original.drill)
        require_follow_up_answered(texts, languages, original.drill, for_rest, answers)

    def taken(broadcast_id: int) -> None:
        record_without_code(broadcast_id, hand, asked.by, now)

    placed = place_follow_up(asked, whole, now, taken)
    if not for_rest:
        return placed, None
    rest = replace(asked, idempotency_key=None if key is None else rest_key(key))
    return placed, place_corrected(rest, corrected, sending.validity_urgent, now)


def rest_key(idempotency_key: str) -> str:
    """The key of the second of the two."""
    return f"{idempotency_key}/rest"


def without_mobile(audience: Audience) -> int | None:
    """The number of people in the audience without a mobile; 0 for single numbers, None when it can no longer be
    counted: an order that was taken, and is asked for again, stays taken whatever has left since.
    """
    if audience.numbers:
        return 0
    with suppress(Refusal):
        return size(audience).without_mobile
    return None


def at_once(sending: SendingSettings) -> SendingSettings:
    """For programs, which have no second thoughts: without the undo seconds of the page."""
    return replace(sending, undo_seconds=0)
