"""Earlier orders: one with the same key gives the same answer; one with the same text and people is asked about."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from peewee import fn

from db.alerts.orders.approval import break_glass
from db.alerts.orders.chosen import digest_of
from db.alerts.progress.progress import progress
from db.alerts.values import Order, Placed
from db.engine.base import card_of
from db.engine.connection import writing
from db.models.broadcasts import Broadcast, Part
from db.settings.values import SendingSettings
from plp.rules.broadcasts import AUTOMATIC
from plp.rules.refusals import Duplicate, KeyTaken, NotReady, Refusal
from plp.rules.states import MAY_BE_THERE, Stage

REPEAT_WINDOW = timedelta(minutes=10)
# 100,000 messages take about half a minute on a slow card; what prepares for longer was cut short.
ENQUEUE_AT_MOST = timedelta(minutes=1)


def placed_before(order: Order, sending: SendingSettings, now: datetime) -> Placed | None:
    """The outcome of an earlier order with this key, whatever has changed since; None for a new key.

    One that waits for a second person goes out when ordered again with a reason why there is none. Raises Refusal where
    that is none, or late; KeyTaken for another order; NotReady for an automatic one that is not whole.
    """
    find = visible_order if order.kind in AUTOMATIC else earlier_order
    earlier = find(order.idempotency_key, now)
    if earlier is None:
        return None
    refuse_other(earlier, order)
    if order.alone_because is not None and earlier.stage is Stage.AWAITING_APPROVAL:
        try:
            break_glass(earlier.id, order.by, order.alone_because, sending, now)
        except Refusal:
            # Of two presses at once the second finds it decided, and shows what became of it.
            if _stage(earlier.id) is Stage.AWAITING_APPROVAL:
                raise
    return placed(earlier, now)


def refuse_other(earlier: Broadcast, order: Order) -> None:
    """Raise KeyTaken when `earlier` was another order. Automatic ones may change their words between two tries."""
    asked = digest_of(earlier.id) if order.digest and order.kind not in AUTOMATIC else ""
    if asked and asked != order.digest:
        raise KeyTaken(
            "Aucun SMS n'a été envoyé : cette clé a servi à un autre envoi ({id}). Utilisez une nouvelle clé.",
            id=earlier.id,
        )


def earlier_order(key: str | None, now: datetime) -> Broadcast | None:
    """The broadcast that was ordered with this idempotency key; None for none, or for one that a crash cut short."""
    if key is None:
        return None
    found: Broadcast | None = Broadcast.get_or_none(Broadcast.idempotency_key == key)
    if found is not None and found.stage is Stage.PREPARING and found.created_at < now - ENQUEUE_AT_MOST:
        with writing():
            Broadcast.delete().where(Broadcast.id == found.id, Broadcast.stage == Stage.PREPARING).execute()
        return None
    return found


def visible_order(key: str | None, now: datetime) -> Broadcast | None:
    """`earlier_order` of an automatic one. Raises NotReady while it is prepared: if that crashes, it is deleted and
    owed.
    """
    found = earlier_order(key, now)
    if found is not None and found.stage is Stage.PREPARING:
        raise NotReady("Cet envoi est encore en préparation : attendez une minute.")
    return found


def placed(broadcast: Broadcast, now: datetime) -> Placed:
    """The answer to the order that made this broadcast."""
    shown = progress(broadcast.id, now)
    if shown is None:
        raise RuntimeError("the broadcast that was just written is not there")
    return card_of(Placed, shown)


def refuse_repeat(order: Order, mark: str, now: datetime) -> None:
    """Raise Duplicate when the same text was ordered for the same people within ten minutes and `again` is not said."""
    if order.again:
        return
    lately = (Broadcast.fingerprint == mark) & Broadcast.created_at.between(now - REPEAT_WINDOW, now + REPEAT_WINDOW)
    same = Broadcast.select().where(lately, counts_as_ordered(now)).order_by(Broadcast.id.desc()).first()
    if same is not None:
        raise _duplicate(same, now)


def _duplicate(same: Broadcast, now: datetime) -> Duplicate:
    at = {"minutes": max(1, round((now - same.created_at).total_seconds() / 60)), "id": same.id}
    if same.stage is Stage.AWAITING_APPROVAL:
        return Duplicate(
            "Le même texte attend une validation depuis {minutes} min, pour les mêmes personnes (envoi "
            "{id}). Confirmez pour l'envoyer une deuxième fois.",
            **at,
        )
    if same.stage is Stage.CANCELLED:
        return Duplicate(
            "Le même texte a été envoyé en partie aux mêmes personnes il y a {minutes} min, puis arrêté"
            " (envoi {id}). Confirmez pour l'envoyer une deuxième fois.",
            **at,
        )
    if not Part.select().where(Part.broadcast == same.id, Part.state.in_(MAY_BE_THERE)).exists():
        return Duplicate(
            "Le même texte est prêt depuis {minutes} min pour les mêmes personnes (envoi {id}). "
            "Confirmez pour l'envoyer une deuxième fois.",
            **at,
        )
    return Duplicate(
        "Le même texte a été envoyé aux mêmes personnes il y a {minutes} min (envoi {id}). "
        "Confirmez pour l'envoyer une deuxième fois.",
        **at,
    )


def counts_as_ordered(now: datetime) -> Any:
    """Condition: not cut short by a crash, nor stopped before any phone could have it. Bound `created_at` beside it."""
    cut_short = (Broadcast.stage == Stage.PREPARING) & (Broadcast.created_at < now - ENQUEUE_AT_MOST)
    went_out = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(MAY_BE_THERE))
    return ((Broadcast.stage != Stage.CANCELLED) | fn.EXISTS(went_out)) & ~cut_short


def _stage(broadcast_id: int) -> Stage | None:
    found: Broadcast | None = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    return found.stage if found is not None else None


def fresh_key(key: str, now: datetime) -> str:
    """`key`, or `key/2`, `key/3`, … once what was ordered with it is over: two presses order one thing."""
    return next(each for each in (key if n == 1 else f"{key}/{n}" for n in count(1)) if not _is_over(each, now))


def _is_over(key: str, now: datetime) -> bool:
    found = Broadcast.get_or_none(Broadcast.idempotency_key == key)
    shown = progress(found.id, now) if found is not None else None
    return shown is not None and shown.state in ("finished", "cancelled")
