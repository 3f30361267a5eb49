"""Admission of orders: each one from a page, the command line or the API passes here; nothing else enqueues. The hourly
ceiling counts messages that left in the last hour, may have left, or still wait.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from peewee import IntegrityError, fn

from db.alerts.orders.approval import agreement_for
from db.alerts.orders.earlier import ENQUEUE_AT_MOST, earlier_order, placed, placed_before, refuse_repeat
from db.alerts.orders.enqueue import asked_of, enqueue_broadcast, mark_of
from db.alerts.orders.texts import MAIN_LANGUAGE, Texts, longest, parts_per_person, texts_of, used
from db.alerts.values import Composed, Order, Placed
from db.engine.base import tuples
from db.models.broadcasts import Broadcast, Part
from db.modems.budgets.planning import Plan, plan
from db.modems.readiness import readiness
from db.people.audience import Recipient, recipients, without_mobile
from db.people.policy import policy
from db.settings.values import SendingSettings
from plp.rules.broadcasts import AUTOMATIC, LANE_NORMAL, LANE_URGENT
from plp.rules.refusals import NotReady, OverBudget, OverLimit, Refusal
from plp.rules.sentences import Sentence
from plp.rules.states import MAY_BE_THERE, PartState, Stage

MAXIMUM_PARTS = 10

# What a drill begins and ends with; all of it in GSM's alphabet.
DRILL_WORDS = {"fr": "EXERCICE", "nl": "OEFENING", "de": "ÜBUNG", "en": "EXERCISE"}

BUDGET_WORDS = {
    "day": "SMS aujourd'hui",
    "month": "SMS ce mois-ci",
    "recipients": "destinataires différents ce mois-ci",
}
HOUR = timedelta(hours=1)


def drill_text(text: str, language: str = MAIN_LANGUAGE) -> str:
    """The text of a drill: it begins and ends with the words for a drill in its language, whatever was typed."""
    word = DRILL_WORDS[language]
    return f"{word}. {text.strip()} {word}."


def place_order(order: Order, composed: Texts, sending: SendingSettings, now: datetime) -> Placed:
    """Take an order or refuse it with the reason; one key gives one answer. `composed` is for all, or by language."""
    order = replace(order, digest=order.digest or asked_of(order, texts_of(composed)))
    before = placed_before(order, sending, now)
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
    order = replace(order, agreement=agreement_for(order, people), remarks=order.remarks + _left_out(order))
    try:
        return placed(enqueue_broadcast(order, texts, people, now, validity, undo, admit, mark), now)
    except IntegrityError:
        # Two tabs at once: the other one was first with this key.
        before = placed_before(order, sending, now)
        if before is None:
            raise
        return before


def _left_out(order: Order) -> tuple[tuple[str, object], ...]:
    """Number of people without a mobile, counted at the order, because the report must not change when they get one."""
    people = without_mobile(order.audience)
    return (("without_mobile", people),) if people else ()


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


def _shares(order: Order, people: list[Recipient], texts: dict[str, Composed], now: datetime) -> Plan | None:
    """Shares of an urgent order per SIM, for the budgets; None where no budget refuses it."""
    if order.override_reason or order.lane == LANE_NORMAL or order.kind in AUTOMATIC:
        return None
    return plan([person.msisdn for person in people], parts_per_person(texts, people), now)


def _refuse_over_budget(shares: Plan | None, now: datetime) -> None:
    over = next((budget for budget in shares.passed(now) if budget.excess), None) if shares else None
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
