"""A correction or an end of alert: to exactly those who have the alert or may have it, before anything else."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from peewee import Case, IntegrityError, fn

from db import audit
from db.audience import Audience, Recipient
from db.connection import locked, writing
from db.models import Account, Broadcast, BroadcastText, Consent, Member, Message, Part, tuples
from db.outbox.approval import agreement_for
from db.outbox.control import OPEN
from db.outbox.earlier import earlier_order, placed, refuse_repeat
from db.outbox.enqueue import enqueue_broadcast, mark_of
from db.outbox.orders import require_possible
from db.outbox.stopped import cancel_parts
from db.outbox.texts import Texts, longest, texts_of, used
from db.outbox.values import FOLLOW_UP_VALIDITY, FollowUp, Order, Placed
from db.refusals import Refusal
from db.states import Cause, Stage
from db.states import Part as PartState
from db.threads import began_at, is_drill

# Nobody corrects an alert in haste a day after it: it is a text like another to those who had that alert.
WITHOUT_AGREEMENT = timedelta(hours=24)

# What a modem holds at this moment goes out: its person is among them, and the claim looks again.
_REACHED = (PartState.SENT, PartState.DELIVERED, PartState.UNCONFIRMED, PartState.SENDING)
_NOT_YET = (Stage.PREPARING, Stage.AWAITING_APPROVAL, Stage.SCHEDULED)


def reached(broadcast_id: int) -> list[Recipient]:
    """Those of whose message any part was taken, delivered or perhaps sent, and who still want texts; in the first
    order. A part of it may be on their screen, or the rest may reach it.

    Each with the language of the text that they got.
    Whose message is going out at this moment comes last, so that the correction does not overtake it.
    """
    any_of_it = fn.SUM(Case(None, [(Part.state.in_(_REACHED), 1)], 0)) > 0
    under_way = fn.SUM(Case(None, [(Part.state == PartState.SENDING, 1)], 0)) > 0
    rows = (
        Part.select(Message.msisdn, Message.member, BroadcastText.language)
        .join(Message)
        .join(BroadcastText)
        .where(Part.broadcast == broadcast_id, _still_wanted())
        .group_by(Message.id, Message.msisdn, Message.member, BroadcastText.language)
        .having(any_of_it)
        .order_by(under_way, Message.id)
    )
    return [Recipient(msisdn, member_id, language) for msisdn, member_id, language in tuples(rows)]


def place_follow_up(
    original_id: int,
    kind: FollowUp,
    composed: Texts,
    by: str,
    now: datetime,
    idempotency_key: str | None = None,
    again: bool = False,
) -> Placed:
    """Stop what of the original has not gone out, then order this to those whom it reached.

    Neither ceilings nor budgets hold it up: what went out wrong is worse than a limit that is passed. Nor does a second
    person, for a day (`follows_late`). Raises Refusal when the original reached nobody; then nothing is stopped either.
    """
    before = followed_before(idempotency_key, now)
    if before is not None:
        return before
    original = _original(original_id)
    texts = texts_of(composed)
    require_possible(longest(texts), now)
    people = _stop_the_rest(original, by, now)
    texts = used(texts, people)
    order = _order(original, kind, people, by, now)
    order = replace(order, idempotency_key=idempotency_key, again=again)
    mark = mark_of(texts, people)

    def admit() -> None:
        _refuse_sent_again(original_id)
        if earlier_order(idempotency_key, now) is None:
            refuse_repeat(order, mark, now)

    try:
        return placed(enqueue_broadcast(order, texts, people, now, FOLLOW_UP_VALIDITY, timedelta(0), admit, mark), now)
    except IntegrityError:
        # Two presses at once: the other one was first with this key.
        before = followed_before(idempotency_key, now)
        if before is None:
            raise
        return before


def _refuse_sent_again(original_id: int) -> None:
    """Somebody pressed "send again" after the stop: what they queued would go out and be corrected to nobody."""
    original = locked(Broadcast.select().where(Broadcast.id == original_id)).first()
    waiting = Part.select().where(Part.broadcast == original_id, Part.state == PartState.QUEUED)
    if original is not None and original.stage in OPEN and waiting.exists():
        raise Refusal("L'envoi {id} vient d'être renvoyé par quelqu'un : recommencez.", id=original_id)


def followed_before(idempotency_key: str | None, now: datetime) -> Placed | None:
    """What a correction or an end with this key came to, whatever has changed since; None for a new one."""
    earlier = earlier_order(idempotency_key, now)
    return placed(earlier, now) if earlier is not None else None


def _order(original: Broadcast, kind: FollowUp, people: list[Recipient], by: str, now: datetime) -> Order:
    audience = Audience(numbers=tuple(person.msisdn for person in people))
    order = Order(audience, kind, "urgent", by, follows=original.id, drill=is_drill(original))
    if not _late(original, now):
        return order
    asked_as = replace(order, kind="drill" if order.drill else "alert")
    return replace(order, agreement=agreement_for(asked_as, people))


def follows_late(original_id: int, now: datetime) -> bool:
    """Whether what follows this broadcast now needs the agreement that the zone's policy asks of an alert: its thread
    began more than a day ago.
    """
    original: Broadcast | None = Broadcast.get_or_none(Broadcast.id == original_id)
    return original is not None and _late(original, now)


def _late(original: Broadcast, now: datetime) -> bool:
    return now - began_at(original) > WITHOUT_AGREEMENT


def _original(broadcast_id: int) -> Broadcast:
    found: Broadcast | None = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    if found is None:
        raise Refusal("Il n'y a pas d'envoi {id}.", id=broadcast_id)
    if found.stage in _NOT_YET:
        raise Refusal("L'envoi {id} n'est pas encore parti : annulez-le plutôt.", id=broadcast_id)
    return found


def _stop_the_rest(original: Broadcast, by: str, now: datetime) -> list[Recipient]:
    """Stopped first and listed then, so that nobody's part goes out between the two."""
    parts = Part.select().where(Part.broadcast == original.id)
    with writing():
        theirs = parts.join(Message).where(Part.state.in_(_REACHED), _still_wanted())
        if not theirs.exists():
            raise Refusal("L'envoi {id} n'a atteint personne : il n'y a rien à corriger.", id=original.id)
        # A part that was claimed ahead comes back to a broadcast that is stopped, and is stopped with it.
        going = parts.where(Part.state.in_([PartState.QUEUED, PartState.SENDING])).exists()
        if original.stage in OPEN and going:
            queued = parts.where(Part.state == PartState.QUEUED).count()
            Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == original.id).execute()
            audit.record(now, by, "broadcast_cancelled", str(original.id), parts=queued)
    cancel_parts(original.id, "followed_up", Cause.PERSON, now)
    return reached(original.id)


def _still_wanted() -> Any:
    """As the claim looks at it: an agreement on this number, or a user's own number that belongs to no member."""
    agreed = (
        Consent.select().join(Member).where(Member.mobile == Message.msisdn, Consent.channel == "sms", Consent.given)
    )
    own = Account.select().where(Account.mobile == Message.msisdn, Account.active)
    return fn.EXISTS(agreed) | (Message.member.is_null() & fn.EXISTS(own))
