"""A correction or an end of alert: to exactly those who have the alert or may have it, before anything else."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from peewee import Case, IntegrityError, fn

from db.alerts.orders.approval import agreement_for
from db.alerts.orders.control import OPEN
from db.alerts.orders.enqueue import Taken, asked_of, enqueue_broadcast, mark_of
from db.alerts.orders.orders import earlier_order, placed, refuse_other, refuse_repeat, require_possible
from db.alerts.orders.stopping import cancel_parts
from db.alerts.orders.texts import Texts, longest, texts_of, used
from db.alerts.progress.progress import Progress
from db.alerts.progress.threads import first_of, is_drill
from db.alerts.values import FOLLOW_UP_VALIDITY, Composed, FollowUpOrder, Kind, Order
from db.engine.base import tuples
from db.engine.connection import locked, writing
from db.journal import audit
from db.models.accounts import Account
from db.models.broadcasts import Broadcast, BroadcastText, BroadcastThread, Message, Part
from db.models.people import Consent, Member
from db.people.audience import Audience, Recipient
from rules.refusals import Missing, WrongState
from rules.states import CORRECTED, FOLLOW_UPS, LANE_URGENT, Cause, PartState, Stage

# Nobody corrects an alert in haste a day after it: it is a text like another to those who had that alert.
WITHOUT_AGREEMENT = timedelta(hours=24)

# What a modem holds at this moment goes out: its person is among them, and the claim looks again.
_REACHED = (PartState.SENT, PartState.DELIVERED, PartState.UNCONFIRMED, PartState.SENDING)
# A correction of a text to free numbers would be a way around the second person.
FOLLOWED = ("alert", "drill")
_NOT_YET = (Stage.PREPARING, Stage.AWAITING_APPROVAL, Stage.SCHEDULED)


def family(broadcast_id: int) -> list[int]:
    """The broadcast and those that brought its corrected text to others: the recipients of all these have the alert."""
    theirs = BroadcastThread.select(BroadcastThread.broadcast).join(
        Broadcast, on=(BroadcastThread.broadcast == Broadcast.id)
    )
    rows = tuples(theirs.where(BroadcastThread.original == broadcast_id, Broadcast.kind == CORRECTED))
    return [broadcast_id, *sorted(row[0] for row in rows)]


def reached(broadcast_id: int) -> list[Recipient]:
    """People who may have any part of it, now or soon, and still want texts, with their text's language; those under
    way last.
    """
    under_way = fn.SUM(Case(None, [(Part.state == PartState.SENDING, 1)], 0)) > 0
    return _people(_messages(broadcast_id).having(_any_of_it()).order_by(under_way, Message.id))


def untouched(broadcast_id: int) -> list[Recipient]:
    """People who have nothing of it and still want texts, in the first order; none for a correction or an end."""
    if Broadcast.get_by_id(broadcast_id).kind in FOLLOW_UPS:
        return []
    have_it = {person.msisdn for person in reached(broadcast_id)}
    nothing = _people(_messages(broadcast_id).having(~_any_of_it()).order_by(Message.id))
    return [person for person in nothing if person.msisdn not in have_it]


def _messages(broadcast_id: int) -> Any:
    return (
        Part.select(Message.msisdn, Message.member, BroadcastText.language)
        .join(Message)
        .join(BroadcastText)
        .where(Part.broadcast.in_(family(broadcast_id)), Message.msisdn != "", _still_wanted())
        .group_by(Message.id, Message.msisdn, Message.member, BroadcastText.language)
    )


def _any_of_it() -> Any:
    return fn.SUM(Case(None, [(Part.state.in_(_REACHED), 1)], 0)) > 0


def _people(query: Any) -> list[Recipient]:
    """Each number once."""
    found = (Recipient(msisdn, member_id, language) for msisdn, member_id, language in tuples(query))
    return list({person.msisdn: person for person in found}.values())


def place_follow_up(asked: FollowUpOrder, composed: Texts, now: datetime, taken: Taken | None = None) -> Progress:
    """Stop what of the original has not gone out, then order this to those whom it reached.

    No ceiling or budget stops it, nor, for a day, the want of a second person (`follows_late`). Raises Refusal when the
    original reached nobody, or is neither alert nor drill; then nothing is stopped either.
    """
    original, order, texts = _ordered(asked, asked.kind, composed)
    before = followed_before(order.idempotency_key, now, order)
    if before is not None:
        return before
    require_possible(longest(texts), now, urgent=order.lane == LANE_URGENT)
    return _place(original, order, texts, _stop_the_rest(original, asked.by, now), FOLLOW_UP_VALIDITY, now, taken)


def place_corrected(asked: FollowUpOrder, composed: Texts, validity: timedelta, now: datetime) -> Progress | None:
    """After a correction: the right text to those whom the original did not reach; None for nobody."""
    original, order, texts = _ordered(asked, CORRECTED, composed)
    before = followed_before(order.idempotency_key, now, order)
    if before is not None:
        return before
    require_possible(longest(texts), now, urgent=order.lane == LANE_URGENT)
    people = untouched(original.id)
    return _place(original, order, texts, people, validity, now) if people else None


def _ordered(asked: FollowUpOrder, kind: Kind, composed: Texts) -> tuple[Broadcast, Order, dict[str, Composed]]:
    original, texts = _original(asked.original_id), texts_of(composed)
    order = Order(
        *(Audience(), kind, "urgent", asked.by, asked.idempotency_key, asked.again),
        follows=original.id,
        drill=is_drill(original),
        filled=asked.filled,
    )
    return original, replace(order, digest=asked_of(order, texts)), texts


def _place(
    original: Broadcast,
    order: Order,
    texts: dict[str, Composed],
    people: list[Recipient],
    validity: timedelta,
    now: datetime,
    taken: Taken | None = None,
) -> Progress:
    texts = used(texts, people)
    order = replace(order, audience=Audience(numbers=tuple(person.msisdn for person in people)))
    if _late(original, now):
        asked_as = replace(order, kind="drill" if order.drill else "alert")
        order = replace(order, agreement=agreement_for(asked_as, people))
    # The same end to the same people is no repeat where it speaks of another alert.
    mark = mark_of(texts, people, about=original.id)

    def admit() -> None:
        _refuse_sent_again(original.id)
        if earlier_order(order.idempotency_key, now) is None:
            refuse_repeat(order, mark, now)

    try:
        return placed(enqueue_broadcast(order, texts, people, now, validity, timedelta(0), admit, mark, taken), now)
    except IntegrityError:
        # Two presses at once: the other one was first with this key.
        before = followed_before(order.idempotency_key, now, order)
        if before is None:
            raise
        return before


def _refuse_sent_again(original_id: int) -> None:
    """Refuse where somebody sent again after the stop: those messages would go out and be corrected to nobody."""
    family_ids = family(original_id)
    held = list(locked(Broadcast.select().where(Broadcast.id.in_(family_ids)).order_by(Broadcast.id)))
    open_ids = [row.id for row in held if row.stage in OPEN]
    waiting = Part.select().where(Part.broadcast.in_(open_ids or [0]), Part.state == PartState.QUEUED)
    if waiting.exists():
        raise WrongState("Un collègue vient de renvoyer l'envoi {id} : recommencez.", id=original_id)


def followed_before(idempotency_key: str | None, now: datetime, order: Order | None = None) -> Progress | None:
    """The outcome of an earlier follow-up with this key; None for a new key. Raises KeyTaken for another order."""
    earlier = earlier_order(idempotency_key, now)
    if earlier is not None and order is not None:
        refuse_other(earlier, order)
    return placed(earlier, now) if earlier is not None else None


def follows_late(original_id: int, now: datetime) -> bool:
    """True when the thread began over a day ago: a correction or an end then needs the agreement of an alert."""
    original: Broadcast | None = Broadcast.get_or_none(Broadcast.id == original_id)
    return original is not None and _late(original, now)


def _late(original: Broadcast, now: datetime) -> bool:
    return bool(now - first_of(original).created_at > WITHOUT_AGREEMENT)


def _original(broadcast_id: int) -> Broadcast:
    found: Broadcast | None = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    if found is None:
        raise Missing("L'envoi {id} n'existe pas.", id=broadcast_id)
    if first_of(found).kind not in FOLLOWED:
        raise WrongState("L'envoi {id} n'est ni une alerte ni un exercice : correction impossible.", id=broadcast_id)
    if found.stage in _NOT_YET:
        raise WrongState("L'envoi {id} n'a pas commencé : annulez-le plutôt.", id=broadcast_id)
    return found


def _stop_the_rest(original: Broadcast, by: str, now: datetime) -> list[Recipient]:
    """Stop the original, then list its people, so that nobody's part goes out in between."""
    family_ids = family(original.id)
    with writing():
        theirs = Part.select().join(Message).where(Part.broadcast.in_(family_ids), Part.state.in_(_REACHED))
        if not theirs.where(_still_wanted()).exists():
            raise WrongState("L'envoi {id} n'a atteint personne : correction inutile.", id=original.id)
        for each in Broadcast.select().where(Broadcast.id.in_(family_ids), Broadcast.stage.in_(OPEN)):
            parts = Part.select().where(Part.broadcast == each.id)
            # A part that was claimed ahead comes back to a broadcast that is stopped, and is stopped with it.
            if parts.where(Part.state.in_([PartState.QUEUED, PartState.SENDING])).exists():
                queued = parts.where(Part.state == PartState.QUEUED).count()
                Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == each.id).execute()
                audit.record(now, by, "broadcast_cancelled", str(each.id), parts=queued)
    for broadcast_id in family_ids:
        cancel_parts(broadcast_id, "followed_up", Cause.PERSON, now)
    return reached(original.id)


def _still_wanted() -> Any:
    """As the claim looks at it: an agreement on this number, or a user's own number that belongs to no member."""
    agreed = (
        Consent.select().join(Member).where(Member.mobile == Message.msisdn, Consent.channel == "sms", Consent.given)
    )
    own = Account.select().where(Account.mobile == Message.msisdn, Account.active)
    return fn.EXISTS(agreed) | (Message.member.is_null() & fn.EXISTS(own))
