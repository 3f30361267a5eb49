"""The one way in: the page, the command line and the API order a broadcast, or correct one, here."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from db.alerts.orders.earlier import placed_before
from db.alerts.orders.enqueue import asked_of
from db.alerts.orders.follow_up import followed_before, place_corrected, place_follow_up, reached, untouched
from db.alerts.orders.orders import drill_text, place_order
from db.alerts.orders.texts import MAIN_LANGUAGE, corrected_text, follow_up_text, texts_of
from db.alerts.progress.progress import Progress
from db.alerts.templates.kept import wordings
from db.alerts.values import Following, FollowUpOrder, Order, Placed
from db.engine.connection import writing
from db.journal import audit
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Letter
from db.people.accounts.addresses import readers
from db.people.audience import Audience, size
from db.settings.values import SendingSettings, Settings
from modem.errors import TextError
from modem.sms.composition import Composition, compose, normalise
from plp.letters.rendering import notes
from plp.rules.refusals import Refusal
from plp.rules.text_guard import TextFinding, kinds_of, require_answered
from plp.services.texts import Answers, checked, require_follow_up_answered

# What somebody writes to many; a text to one's own phone is looked at when it goes to the others.
_JUDGED = ("alert", "drill")


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
    answers: Answers = Answers(),  # noqa: B008 - a frozen value
) -> Placed:
    """Order a text for each language: text guard, drill words and languages are looked at here, ceilings,
    budgets, approval and repeats by `place_order`. An order with the same key is answered as it was before.

    Raises Refusal, MissingText, FindingsRefused, Duplicate, OverLimit or NotReady; then nothing is sent.
    """
    texts = {language: each for language, each in texts.items() if each.strip()} or {MAIN_LANGUAGE: ""}
    drill = order.kind == "drill"
    if order.idempotency_key is not None:
        order = replace(order, digest=asked_of(order, texts_of(all_composed(texts, drill))))
        before = placed_before(order, sending, now)
        if before is not None:
            return before
    if order.kind in _JUDGED:
        texts, found = checked(texts, order.audience, drill, answers.one_language)
        if not drill:  # nobody has to answer for one
            require_answered(found, answers.accepted, answers.reason)
        order = replace(order, remarks=_remarks(order, found, answers))
    return place_order(order, all_composed(texts, drill), sending, now)


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
    answers: Answers = Answers(),  # noqa: B008 - a frozen value
    *,
    for_rest: bool = False,
) -> tuple[Placed, Placed | None]:
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
        require_follow_up_answered(texts, languages, original.drill, for_rest, answers)
    placed = place_follow_up(asked, whole, now)
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


def record_without_code(broadcast_id: int, by: str, because: str, settings: Settings, now: datetime) -> None:
    """Write down who went on without a code, and why."""
    with writing():
        audit.record(now, by, "sent_without_code", str(broadcast_id), reason=because)
        admins = readers("admin") if mail_configured(settings.mail) else []
        if not admins:
            return
        heading = f"Envoi {broadcast_id} : envoyé sans deuxième facteur"
        paragraphs = [
            f"{by} a confirmé cette alerte sans deuxième facteur.",
            f"Motif indiqué : « {because} »",
            "Le texte, les destinataires et les suites sont dans la console : « Historique », puis cet envoi.",
        ]
        copies = notes(f"without_code/{broadcast_id}/", admins, heading, paragraphs)
        enqueue_letter(Letter("alarm", heading), copies, now)
