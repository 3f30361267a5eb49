"""The one way in: every order from a page, the command line or the API passes here, and nothing else enqueues."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from peewee import IntegrityError, fn

from db.audience import recipients
from db.budgets import planned
from db.connection import writing
from db.models import AUTOMATIC, LANE_NORMAL, Broadcast
from db.outbox.approval import agreement_for
from db.outbox.enqueue import enqueue_broadcast, fingerprint
from db.outbox.texts import MAIN_LANGUAGE, Texts, body_of, longest, parts_per_person, texts_of, used
from db.outbox.values import Composed, Order, Placed
from db.policy import policy
from db.progress import progress
from db.readiness import readiness
from db.refusals import Duplicate, NotReady, OverBudget, OverLimit, Refusal
from db.settings import SendingSettings
from db.states import Stage

MAXIMUM_PARTS = 10
REPEAT_WINDOW = timedelta(minutes=10)
# 100,000 messages take about half a minute on a slow card; what prepares for longer was cut short.
ENQUEUE_AT_MOST = timedelta(minutes=1)

# What a drill begins and ends with; all of it in GSM's alphabet.
DRILL_WORDS = {"fr": "EXERCICE", "nl": "OEFENING", "de": "ÜBUNG", "en": "EXERCISE"}

BUDGET_WORDS = {
    "day": "SMS aujourd'hui",
    "month": "SMS ce mois-ci",
    "recipients": "destinataires différents ce mois-ci",
}


def drill_text(text: str, language: str = MAIN_LANGUAGE) -> str:
    """A drill says so first and last, whatever was typed, in the text's language."""
    word = DRILL_WORDS[language]
    return f"{word}. {text.strip()} {word}."


def place_order(order: Order, composed: Texts, sending: SendingSettings, now: datetime) -> Placed:
    """Take an order or refuse it with the reason. The same idempotency key gives the same answer, sent once.

    `composed` is the text for everybody, or one for each language: who has none of their own gets the first.
    """
    earlier = earlier_order(order.idempotency_key, now)
    if earlier is not None:
        return placed(earlier, now)
    people = recipients(order.audience)
    texts = used(texts_of(composed), people)
    require_possible(longest(texts), now)
    if not people:
        raise Refusal("Il n'y a personne à qui l'envoyer : aucun gsm avec accord dans ce choix.")
    automatic = order.kind in AUTOMATIC

    def admit() -> None:
        if earlier_order(order.idempotency_key, now) is None and not automatic:
            refuse_repeat(order, body_of(texts), [person.msisdn for person in people], now)
            _refuse_over_ceiling(order, len(people), sending, now)
            _refuse_over_budget(order, [person.msisdn for person in people], parts_per_person(texts, people), now)

    validity = sending.validity_urgent if order.priority == "urgent" else sending.validity_normal
    undo = timedelta(seconds=0 if automatic else policy().undo_seconds(sending.undo_seconds, len(people)))
    order = replace(order, agreement=agreement_for(order, people))
    try:
        return placed(enqueue_broadcast(order, texts, people, now, validity, undo, admit), now)
    except IntegrityError:
        # Two tabs at once: the other one was first with this key.
        earlier = earlier_order(order.idempotency_key, now)
        if earlier is None:
            raise
        return placed(earlier, now)


def require_possible(composed: Composed, now: datetime) -> None:
    """Raise what speaks against sending this text at all: its length, or that no modem could send it."""
    if len(composed.segments) > MAXIMUM_PARTS:
        raise Refusal(
            "Le texte demande {parts} parties par personne ; {most} est le maximum. Raccourcissez-le.",
            parts=len(composed.segments),
            most=MAXIMUM_PARTS,
        )
    state = readiness(now)
    if not state.can_take_orders:
        raise NotReady("Rien n'est envoyé : {why}", why=state.sentence)


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


def refuse_repeat(order: Order, body: str, numbers: list[str], now: datetime) -> None:
    """Raise Duplicate when the same text went to the same people within ten minutes and `again` is not said."""
    if order.again:
        return
    same = (
        Broadcast.select()
        .where(
            Broadcast.fingerprint == fingerprint(body, numbers),
            Broadcast.created_at > now - REPEAT_WINDOW,
            _counts_as_ordered(now),
        )
        .order_by(Broadcast.id.desc())
        .first()
    )
    if same is not None:
        minutes = max(1, round((now - same.created_at).total_seconds() / 60))
        raise Duplicate(
            "Le même texte est déjà parti aux mêmes personnes il y a {minutes} min (envoi {id}). "
            "Confirmez que vous voulez l'envoyer une deuxième fois.",
            minutes=minutes,
            id=same.id,
        )


def _counts_as_ordered(now: datetime) -> Any:
    """Not what was cancelled, nor what a crash cut short while it was prepared."""
    cut_short = (Broadcast.stage == Stage.PREPARING) & (Broadcast.created_at < now - ENQUEUE_AT_MOST)
    return (Broadcast.stage != Stage.CANCELLED) & ~cut_short


def _refuse_over_ceiling(order: Order, people: int, sending: SendingSettings, now: datetime) -> None:
    if order.override_reason:
        return
    sent = (
        Broadcast.select(fn.COALESCE(fn.SUM(Broadcast.recipients), 0))
        .where(
            Broadcast.created_at > now - timedelta(hours=1),
            Broadcast.kind.not_in(AUTOMATIC),
            _counts_as_ordered(now),
        )
        .scalar()
    )
    if sent + people > sending.hourly_ceiling:
        raise OverLimit(
            "Avec cet envoi, {total} messages seraient partis en une heure ; le plafond est de {ceiling}. "
            "Si c'est voulu, donnez une raison pour le dépasser.",
            total=sent + people,
            ceiling=sending.hourly_ceiling,
        )


def _refuse_over_budget(order: Order, numbers: list[str], parts: int | dict[str, int], now: datetime) -> None:
    """Normal work waits for its SIM's budget by itself; what is urgent goes out, so somebody answers for it first."""
    if order.override_reason or order.lane == LANE_NORMAL:
        return
    over = next((budget for budget in planned(numbers, parts, now) if budget.excess), None)
    if over is not None:
        raise OverBudget(
            "La carte SIM du modem {modem} (IMSI …{imsi}) passerait à {total} {what} ; son plafond est de {limit}, "
            "soit {excess} de trop. Si c'est voulu, donnez une raison pour le dépasser.",
            modem=over.modem,
            imsi=over.imsi[-4:],
            total=over.total,
            what=BUDGET_WORDS[over.kind],
            limit=over.limit,
            excess=over.excess,
        )


def placed(broadcast: Broadcast, now: datetime) -> Placed:
    """What is answered to whoever ordered it."""
    shown = progress(broadcast.id, now)
    if shown is None:
        raise RuntimeError("the broadcast that was just written is not there")
    return Placed(
        id=broadcast.id,
        state=shown.state,
        recipients=shown.recipients,
        parts=shown.parts,
        encoding=shown.encoding,
        simulated=shown.simulated,
    )
