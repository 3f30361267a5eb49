"""The one way in: the page, the command line and the API order a broadcast, or correct one, here."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from db.alerts.orders.follow_up import place_corrected, place_follow_up
from db.alerts.orders.openings import corrected_text, follow_up_text
from db.alerts.orders.orders import drill_text, place_order
from db.alerts.orders.texts import MAIN_LANGUAGE
from db.alerts.progress.progress import Progress
from db.alerts.templates.kept import wordings
from db.alerts.values import Following, FollowUp, Order, Placed
from db.people.audience import Audience, size
from db.settings.values import SendingSettings
from modem.errors import TextError
from modem.sms.composition import Composition, compose, normalise
from plp.rules.refusals import Refusal


def arriving(text: str, *, drill: bool, kind: Following | None = None, language: str = MAIN_LANGUAGE) -> str:
    """`text` with what is put in: a correction or an end of alert says first whose it is and what it is, a corrected
    alert whose it is, and a drill first and last that it is one.
    """
    if not text.strip():
        return text
    opened = _opened(normalise(text), kind, language) if kind else text
    return drill_text(opened, language) if drill else opened


def _opened(text: str, kind: Following, language: str) -> str:
    prefix = _prefix(language)
    return corrected_text(text, prefix) if kind == "corrected" else follow_up_text(text, kind, language, prefix)


def composed(text: str, *, drill: bool, kind: Following | None = None, language: str = MAIN_LANGUAGE) -> Composition:
    """`text` exactly as it will arrive. Raises Refusal: empty, or too long."""
    try:
        return compose(arriving(text, drill=drill, kind=kind, language=language))
    except TextError as error:
        raise Refusal("{sentence}", sentence=error) from None


def place(text: str | Mapping[str, str], order: Order, sending: SendingSettings, now: datetime) -> Placed:
    """Compose `text`, or each language's, and order it. Raises Refusal, Duplicate, OverLimit or NotReady; then nothing
    is sent.
    """
    return place_order(order, all_composed(text, order.kind == "drill"), sending, now)


def all_composed(
    text: str | Mapping[str, str], drill: bool, kind: Following | None = None
) -> Composition | dict[str, Composition]:
    """One text composed, or each language's. Raises Refusal as `composed` does."""
    if isinstance(text, str):
        return composed(text, drill=drill, kind=kind)
    return {language: composed(each, drill=drill, kind=kind, language=language) for language, each in text.items()}


def follow_up(
    text: str | Mapping[str, str],
    original: Progress,
    kind: FollowUp,
    by: str,
    now: datetime,
    idempotency_key: str | None = None,
    again: bool = False,
) -> Placed:
    """Compose `text`, or each language's, and send it to those whom `original` reached. Raises Refusal, Duplicate or
    NotReady.
    """
    whole = all_composed(text, original.drill, kind)
    return place_follow_up(original.id, kind, whole, by, now, idempotency_key, again)


def correct_all(
    text: str | Mapping[str, str],
    original: Progress,
    by: str,
    sending: SendingSettings,
    now: datetime,
    idempotency_key: str | None = None,
    again: bool = False,
) -> tuple[Placed, Placed | None]:
    """A correction as `follow_up` sends it, and the same text as an alert to those whom `original` did not reach; None
    where there is nobody. Asked for again with the same key, what a crash kept from being ordered is ordered.
    """
    whole = all_composed(text, original.drill, "corrected")
    placed = follow_up(text, original, "correction", by, now, idempotency_key, again)
    key = None if idempotency_key is None else rest_key(idempotency_key)
    return placed, place_corrected(original.id, whole, by, sending.validity_urgent, now, key, again)


def rest_key(idempotency_key: str) -> str:
    """The key of the second of the two."""
    return f"{idempotency_key}/rest"


def without_mobile(audience: Audience) -> int | None:
    """How many of the audience gave no mobile, none of single numbers. None when it can no longer be counted: an order
    that was taken, and is asked for again, stays taken whatever has left since.
    """
    if audience.numbers:
        return 0
    with suppress(Refusal):
        return size(audience).without_mobile
    return None


def _prefix(language: str) -> str:
    own = wordings().get(language)
    return normalise(own.prefix) if own else ""


def at_once(sending: SendingSettings) -> SendingSettings:
    """For programs, which have no second thoughts: without the undo seconds of the page."""
    return replace(sending, undo_seconds=0)
