"""Admission of orders: each one from a page, the command line or the API passes here; nothing else enqueues.

One with the key of an earlier order gives the same answer; one with the same text and people is asked about. The hourly
ceiling counts messages that left in the last hour, may have left, or still wait.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from peewee import IntegrityError, fn

from db.alerts.orders.approval import agreement_for
from db.alerts.orders.enqueue import Taken, asked_of, enqueue_broadcast, mark_of
from db.alerts.orders.texts import MAIN_LANGUAGE, Texts, longest, parts_per_person, texts_of, used
from db.alerts.progress.progress import Progress, progress
from db.alerts.values import Composed, Order
from db.engine.base import tuples
from db.engine.connection import writing
from db.models.broadcasts import Broadcast, BroadcastOrder, Part
from db.modems.budgets.planning import Share, passed, shares_of
from db.modems.readiness import readiness
from db.people.audience import Recipient, recipients, without_mobile
from db.people.policy import policy
from db.settings.values import SendingSettings
from rules.refusals import Duplicate, KeyTaken, NotReady, OverBudget, OverLimit, Refusal
from rules.sentences import Sentence
from rules.states import AUTOMATIC, LANE_NORMAL, LANE_URGENT, MAY_BE_THERE, PartState, Stage

MAXIMUM_PARTS = 10

# What a drill begins and ends with; all of it in GSM's alphabet.
DRILL_WORDS = {"fr": "EXERCICE", "nl": "OEFENING", "de": "ÜBUNG", "en": "EXERCISE"}

BUDGET_WORDS = {
    "day": "SMS aujourd'hui",
    "month": "SMS ce mois-ci",
    "recipients": "destinataires différents ce mois-ci",
}
HOUR = timedelta(hours=1)
REPEAT_WINDOW = timedelta(minutes=10)
# 100,000 messages take about half a minute on a slow card; what prepares for longer was cut short.
ENQUEUE_AT_MOST = timedelta(minutes=1)


def drill_text(text: str, language: str = MAIN_LANGUAGE) -> str:
    """The text of a drill: it begins and ends with the words for a drill in its language, whatever was typed."""
    word = DRILL_WORDS[language]
    return f"{word}. {text.strip()} {word}."


def place_order(
    order: Order, composed: Texts, sending: SendingSettings, now: datetime, taken: Taken | None = None
) -> Progress:
    """Take an order or refuse it with the reason; one key gives one answer. `composed` is for all, or by language.
    `taken` gets the id of a new one, in the transaction that makes it visible.
    """
    order = replace(order, digest=order.digest or asked_of(order, texts_of(composed)))
    before = placed_before(order, now)
    if before is not None:
        return before
    people = recipients(order.audience)
    texts = used(texts_of(composed), people)
    require_possible(longest(texts), now, urgent=order.lane == LANE_URGENT)
    if not people:
        raise Refusal("Aucun destinataire : GSM et consentement requis.")
    automatic = order.kind in AUTOMATIC
    mark = mark_of(texts, people)
    shares = _shares(order, people, texts, now)

    def admit() -> None:
        if earlier_order(order.idempotency_key, now) is None and not automatic:
            refuse_repeat(order, mark, now)
            refuse_over_ceiling(order, len(people), sending, now)
            _refuse_over_budget(shares, now)

    validity = sending.validity_urgent if order.priority == "urgent" else sending.validity_normal
    undo = timedelta(seconds=0 if automatic else policy().undo_seconds(sending.undo_seconds, len(people)))
    # Counted at the order: the report must not change when somebody gets a mobile.
    left_out = without_mobile(order.audience)
    remarks = (*order.remarks, ("without_mobile", left_out)) if left_out else order.remarks
    order = replace(order, agreement=agreement_for(order, people), remarks=remarks)
    try:
        return placed(enqueue_broadcast(order, texts, people, now, validity, undo, admit, mark, taken), now)
    except IntegrityError:
        # Two tabs at once: the other one was first with this key.
        before = placed_before(order, now)
        if before is None:
            raise
        return before


def require_possible(composed: Composed, now: datetime, *, urgent: bool = False) -> None:
    """Raise Refusal for a text that is too long or that no modem could send; `urgent` waits for a suspended SIM too."""
    if len(composed.segments) > MAXIMUM_PARTS:
        raise Refusal(
            "Le texte compte {parts} SMS par personne, le maximum est {most}. Raccourcissez-le.",
            parts=len(composed.segments),
            most=MAXIMUM_PARTS,
        )
    state = readiness(now)
    if not (state.can_take_urgent if urgent else state.can_take_orders):
        raise NotReady("Aucun envoi : {why}", why=state.sentence)


def _shares(order: Order, people: list[Recipient], texts: dict[str, Composed], now: datetime) -> list[Share]:
    """Shares of an urgent order per SIM, for the budgets; none where no budget refuses it."""
    if order.override_reason or order.lane == LANE_NORMAL or order.kind in AUTOMATIC:
        return []
    return shares_of([person.msisdn for person in people], parts_per_person(texts, people), now)


def _refuse_over_budget(shares: list[Share], now: datetime) -> None:
    over = next((budget for budget in passed(shares, now) if budget.excess), None)
    if over is not None:
        raise OverBudget(
            "La carte SIM du modem {modem} (IMSI …{imsi}) passerait à {total} {what} ; son plafond est "
            "de {limit}, soit {excess} de trop. Indiquez un motif pour le dépasser.",
            modem=over.modem,
            imsi=over.imsi[-4:],
            total=over.total,
            what=Sentence(BUDGET_WORDS[over.kind]),
            limit=over.limit,
            excess=over.excess,
        )


def refuse_over_ceiling(order: Order, people: int, sending: SendingSettings, now: datetime) -> None:
    """Raise OverLimit when so many more would pass it and no reason is given."""
    if order.override_reason or _ordered(now) + people <= sending.hourly_ceiling:
        return
    total = _counting(now) + people
    if total > sending.hourly_ceiling:
        raise OverLimit(
            "Avec cet envoi : {total} messages en une heure ; plafond : {ceiling}. Indiquez un motif pour le dépasser.",
            total=total,
            ceiling=sending.hourly_ceiling,
        )


def _ordered(now: datetime) -> int:
    """An upper bound of the messages, from the broadcasts alone: their parts may be a hundred thousand."""
    return int(_of_the_hour(now, (fn.COALESCE(fn.SUM(Broadcast.recipients), 0),)).scalar())


def _counting(now: datetime) -> int:
    """Messages of which a part left, may have, or waits; of an order that is still being written, all."""
    preparing = Broadcast.stage == Stage.PREPARING
    # Read first and left out below: one that is finished between the two queries would else be counted in neither.
    fresh = _of_the_hour(now, (Broadcast.id, Broadcast.recipients)).where(
        preparing, Broadcast.created_at > now - ENQUEUE_AT_MOST
    )
    being_written = dict(tuples(fresh))
    written = _of_the_hour(now, (Broadcast.id,)).where(~preparing, Broadcast.id.not_in([*being_written, 0]))
    waits = (Part.state == PartState.QUEUED) & (Broadcast.stage != Stage.CANCELLED)
    there = Part.select(fn.COUNT(fn.DISTINCT(Part.message))).join(Broadcast)
    counted = there.where(Part.broadcast.in_(written), Part.state.in_(MAY_BE_THERE) | waits).scalar()
    return int(counted) + sum(being_written.values())


def _of_the_hour(now: datetime, what: tuple[Any, ...]) -> Any:
    # What a clock that is behind finds in its future is no order of this hour.
    hour = Broadcast.created_at.between(now - HOUR, now + HOUR)
    return Broadcast.select(*what).where(hour, Broadcast.kind.not_in(AUTOMATIC))


def placed_before(order: Order, now: datetime) -> Progress | None:
    """The outcome of an earlier order with this key, whatever has changed since; None for a new key. Raises KeyTaken
    for another order, NotReady for an automatic one that is not whole.
    """
    find = visible_order if order.kind in AUTOMATIC else earlier_order
    earlier = find(order.idempotency_key, now)
    if earlier is None:
        return None
    refuse_other(earlier, order)
    return placed(earlier, now)


def refuse_other(earlier: Broadcast, order: Order) -> None:
    """Raise KeyTaken when `earlier` was another order. Automatic ones may change their words between two tries."""
    kept = BroadcastOrder.select(BroadcastOrder.digest).where(BroadcastOrder.broadcast == earlier.id)
    asked = kept.scalar() if order.digest and order.kind not in AUTOMATIC else ""
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


def placed(broadcast: Broadcast, now: datetime) -> Progress:
    """The answer to the order that made this broadcast."""
    shown = progress(broadcast.id, now)
    if shown is None:
        raise RuntimeError("the broadcast that was just written is not there")
    return shown


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


def fresh_key(key: str, now: datetime) -> str:
    """`key`, or `key/2`, `key/3`, … once what was ordered with it is over: two presses order one thing."""
    return next(each for each in (key if n == 1 else f"{key}/{n}" for n in count(1)) if not _is_over(each, now))


def _is_over(key: str, now: datetime) -> bool:
    found = Broadcast.get_or_none(Broadcast.idempotency_key == key)
    shown = progress(found.id, now) if found is not None else None
    return shown is not None and shown.state in ("finished", "cancelled")
