"""The one way in: the page, the command line and the API order a broadcast, or correct one, here."""

from dataclasses import replace
from datetime import datetime

from db.outbox import FollowUp, Order, Placed, drill_text, place_follow_up, place_order
from db.progress import Progress
from db.refusals import Refusal
from db.settings import SendingSettings
from modem.errors import TextError
from modem.sms import Composition, compose


def composed(text: str, *, drill: bool) -> Composition:
    """`text` exactly as it will arrive; a drill says so first and last. Raises Refusal: empty, or too long."""
    try:
        return compose(drill_text(text) if drill and text.strip() else text)
    except TextError as error:
        raise Refusal("{sentence}", sentence=error) from None


def place(text: str, order: Order, sending: SendingSettings, now: datetime) -> Placed:
    """Compose `text` and order it. Raises Refusal, Duplicate, OverLimit or NotReady; then nothing is sent."""
    return place_order(order, composed(text, drill=order.kind == "drill"), sending, now)


def follow_up(
    text: str,
    original: Progress,
    kind: FollowUp,
    by: str,
    now: datetime,
    idempotency_key: str | None = None,
    again: bool = False,
) -> Placed:
    """Compose `text` and send it to those whom `original` reached. Raises Refusal, Duplicate or NotReady."""
    whole = composed(text, drill=original.drill)
    return place_follow_up(original.id, kind, whole, by, now, idempotency_key, again)


def at_once(sending: SendingSettings) -> SendingSettings:
    """For programs, which have no second thoughts: without the undo seconds of the page."""
    return replace(sending, undo_seconds=0)
