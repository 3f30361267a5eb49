"""The single entry for orders: every plan, whatever its origin, is accepted here or refused with the reason."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from base.settings.values import SendingSettings
from db.alerts.orders import earlier
from db.alerts.orders.enqueue import BroadcastWriter, Taken, digest_of
from db.alerts.values import Order, Plan
from db.engine.connection import writing
from db.modems.budgets import passed
from db.modems.readiness import readiness
from db.people.audience import recipients, without_mobile
from modem.sms.composition import MAX_PARTS
from plp.services.machine import require_named_zone
from plp.services.orders import shared
from plp.services.orders.approving import record_without_code, require_hand
from plp.services.orders.audiences import resolve
from plp.services.orders.planning import (
    TAKEN_WITHOUT_MODEM,
    agreement_of,
    awake_at,
    over_ceiling,
    plan_composed,
    plan_order,
)
from plp.services.orders.twins import placed_before
from plp.services.texts import NO_ANSWERS, Answers, written
from rules.orders.agreement import SHARED_PEOPLE, Hand, require_word
from rules.orders.budgets import Passed
from rules.orders.texts import DRILL_WORDS, MAIN_LANGUAGE, Composed, main_first, most_parts
from rules.refusals import (
    Duplicate,
    NotReady,
    OverBudget,
    Overtaken,
    Refusal,
    none_of,
    reason_of,
    required,
)
from rules.sentences import Sentence, coded
from rules.states import AUTOMATIC, LANE_URGENT, SHARED, Stage
from rules.text_guard import require_answered

BUDGET_WORDS = {
    "day": "SMS aujourd'hui",
    "month": "SMS ce mois-ci",
    "recipients": "destinataires différents ce mois-ci",
}


def place(
    texts: Mapping[str, str],
    order: Order,
    sending: SendingSettings,
    now: datetime,
    answers: Answers = NO_ANSWERS,
    hand: Hand | None = None,
) -> int:
    """Order a text for every language; the broadcast's id, whatever has changed since the same key was used. Raises
    Refusal, WrongCount, ProofWanted, MissingText, FindingsRefused, Duplicate, OverLimit or NotReady: nothing is sent.
    """
    require_named_zone()
    whole = written(texts, drill=order.kind == "drill", one_language=answers.one_language)
    if order.kind in AUTOMATIC:  # a text to one's own phone is looked at when it goes to the others
        return place_composed(order, whole.composed, sending, now)
    before = placed_before(order.idempotency_key, digest_of(order, whole.composed), now)
    if before is not None:
        return before
    if answers.unanswered is not None:
        raise answers.unanswered
    plan = plan_order(order, whole, sending, now, answers)
    if order.kind == "drill" and hand is not None:
        require_word(hand, DRILL_WORDS[MAIN_LANGUAGE])
    elif hand is not None:
        require_hand(hand, order.by, len(plan.people), now)
    if order.kind == "alert":  # nobody has to answer for a drill
        require_answered(plan.findings, answers.accepted, answers.reason)
    return enqueue(plan, now, taken=lambda number: record_without_code(number, hand, order.by, now))


def place_composed(order: Order, texts: Mapping[str, Composed], sending: SendingSettings, now: datetime) -> int:
    """Order texts that nobody has to answer for, the main one first; its id, one for a key. Raises as `place`."""
    texts = main_first(texts)
    digest = digest_of(order, texts)
    before = placed_before(order.idempotency_key, digest, now, automatic=order.kind in AUTOMATIC)
    if before is not None:
        return before
    audience = resolve(order.audience)
    return enqueue(plan_composed(order, audience, texts, recipients(audience), sending, now), now)


def enqueue(
    plan: Plan, now: datetime, also: Callable[[], None] = lambda: None, taken: Taken = lambda number: None
) -> int:
    """Accept the plan, or raise the Refusal that applies now: every broadcast is written here; returns its id. What
    may have changed is checked in the transaction that begins it: of two orders at one moment, the second sees the
    first. `also` raises further objections; `taken` gets the id in the transaction that makes it visible.
    """
    order = plan.order
    alone_because = reason_of(order.alone_because or "") if plan.agreement == "alone" else ""
    urgent = order.lane == LANE_URGENT
    require_possible(plan.texts, now, urgent=urgent, waits=urgent and order.kind in TAKEN_WITHOUT_MODEM)
    # What looks at every person is done before: a hundred thousand of them would hold up everybody who writes.
    writer = BroadcastWriter(plan, now)
    interrupted = Refusal("Préparation interrompue : aucun SMS n'a été envoyé. Recommencez.")
    if order.kind in AUTOMATIC:  # it is owed still, and its job tries again
        interrupted = NotReady(interrupted.template)
    with writing("admit"):
        is_new = earlier.earlier_order(order.idempotency_key, now) is None
        if is_new:
            also()
            agreement = admit(plan, writer.mark, now)
            writer.begin(agreement, alone_because)
    if not is_new:  # two tabs at once: the other one was first with this key
        automatic = order.kind in AUTOMATIC
        return required(placed_before(order.idempotency_key, plan.digest, now, automatic=automatic), interrupted)
    outcome = writer.write(taken)
    if outcome == "nobody":
        raise Refusal("Aucun destinataire : GSM et consentement requis.")
    if outcome == "interrupted":
        raise interrupted
    return int(writer.broadcast.id)


def require_possible(texts: Mapping[str, Composed], now: datetime, *, urgent: bool, waits: bool = False) -> None:
    """Raise Refusal for too long a text, or while no modem could send what does not wait (`waits`) for one."""
    if (longest := most_parts(texts)) > MAX_PARTS:
        raise Refusal(
            "Le texte compte {parts} SMS par personne, le maximum est {most}. Raccourcissez-le.",
            parts=longest,
            most=MAX_PARTS,
        )
    state = readiness(now)
    if waits and state.trouble is None:
        return
    if not (state.can_take_urgent if urgent else state.can_take_orders):
        raise NotReady("Aucun envoi : {why}", why=state.sentence)


def admit(plan: Plan, mark: str, now: datetime) -> int | None:
    """Raise the objection to an order: a repeat, a colleague's meanwhile, an hour's ceiling, a SIM's budget; of a text
    to many that nobody ordered, return the agreement that it uses up.
    """
    if plan.order.kind in AUTOMATIC:
        return _admit_automatic(plan, mark, now)
    same = None if plan.order.again else earlier.same_order(mark, now)
    if same is not None:
        raise _duplicate(same, now)
    _refuse_drills_at_once(plan, now)
    if plan.order.seen is not None:
        _refuse_overtaken(plan, plan.order.seen, now)
    if not plan.order.override_reason:
        none_of(over_ceiling(plan, now), over_budget(passed(plan.shares, now)))
    return None


def _admit_automatic(plan: Plan, mark: str, now: datetime) -> int | None:
    """The same of what nobody ordered; an alarm to somebody on duty is never kept back."""
    kind = plan.order.kind
    if kind == "alarm":
        return None
    # Who writes twice may get the same answer twice (`db.inbound.replies.judging` limits it); a test may be tried again
    # on one's own telephone.
    same = None if kind in ("answer", "test") else earlier.same_order(mark, now)
    if same is not None and same.kind == kind:
        raise _duplicate(same, now)
    none_of(over_ceiling(plan, now), _too_many_tests(plan, now) if kind == "test" else None)
    return shared.agreement_of(kind, [text.text for text in plan.texts.values()], now) if kind in SHARED else None


def _refuse_drills_at_once(plan: Plan, now: datetime) -> None:
    order = plan.order
    numbers = (person.msisdn for person in plan.people)
    if order.kind == "drill" and not plan.agreement and agreement_of(order, order.kind, numbers, now):
        raise Refusal("Préparation interrompue : aucun SMS n'a été envoyé. Recommencez.")


def _too_many_tests(plan: Plan, now: datetime) -> Refusal | None:
    """The refusal of a test on one more telephone: whoever may change an account's number would reach anybody."""
    numbers = {person.msisdn for person in plan.people} | earlier.reached_alone("test", now)
    if max(len(numbers), len(earlier.words_alone(now))) <= SHARED_PEOPLE:
        return None
    return Refusal("Des SMS de test ont déjà été envoyés à {most} GSM en un jour, le maximum.", most=SHARED_PEOPLE)


def _refuse_overtaken(plan: Plan, seen: int, now: datetime) -> None:
    follows = plan.order.follows
    if follows is not None:
        other = earlier.followed_since(seen, follows, now)
    else:
        kinds = ("alert", "drill") if plan.order.kind == "drill" else ("alert",)
        other = earlier.ordered_since(seen, kinds, {person.msisdn for person in plan.people}, now)
    if other is not None:
        raise Overtaken(
            "Aucun SMS n'a été envoyé. Depuis votre vérification, {who} a alerté une partie de ces personnes (envoi "
            "{id}). Pour envoyer aussi votre message, confirmez à nouveau."
            if follows is None
            else "Aucun SMS n'a été envoyé. Entre-temps, {who} a corrigé ou clôturé cette alerte (envoi {id}). Lisez "
            "son texte, puis confirmez à nouveau.",
            who=other.ordered_by,
            id=other.id,
        )


def over_budget(budgets: Sequence[Passed]) -> OverBudget | None:
    """The refusal of an order that would leave these budgets so; it names every one that is passed, and its SIM."""
    over: list[dict[str, object]] = [
        {
            **{name: getattr(budget, name) for name in ("modem", "total", "limit", "excess")},
            "imsi": budget.imsi[-4:],
            "what": Sentence(BUDGET_WORDS[budget.kind]),
        }
        for budget in budgets
        if budget.excess
    ]
    if len(over) > 1:
        return OverBudget(
            "Cet envoi dépasse les plafonds des cartes SIM. {cards}. Indiquez un motif pour les dépasser.",
            cards=tuple(coded("card_over", **card) for card in over),
        )
    if not over:
        return None
    return OverBudget(
        "La carte SIM du modem {modem} (IMSI …{imsi}) passerait à {total} {what} ; son plafond est "
        "de {limit}, soit {excess} de trop. Indiquez un motif pour le dépasser.",
        **over[0],
    )


def _duplicate(same: earlier.Broadcast, now: datetime) -> Duplicate:
    values = {"minutes": max(1, round((now - same.created_at).total_seconds() / 60)), "id": same.id}
    if same.stage is Stage.AWAITING_APPROVAL:
        return Duplicate(
            "Le même texte attend une validation depuis {minutes} min, pour les mêmes personnes (envoi "
            "{id}). Confirmez pour l'envoyer une deuxième fois.",
            **values,
        )
    if same.stage is Stage.CANCELLED:
        return Duplicate(
            "Le même texte a été envoyé en partie aux mêmes personnes il y a {minutes} min, puis arrêté"
            " (envoi {id}). Confirmez pour l'envoyer une deuxième fois.",
            **values,
        )
    if not earlier.went_out(same.id):
        return Duplicate(
            "Le même texte est prêt depuis {minutes} min pour les mêmes personnes (envoi {id}). "
            "Confirmez pour l'envoyer une deuxième fois.",
            **values,
        )
    return Duplicate(
        "Le même texte a été envoyé aux mêmes personnes il y a {minutes} min (envoi {id}). "
        "Confirmez pour l'envoyer une deuxième fois.",
        **values,
    )


def mobiles_missing(order: Order, now: datetime) -> int | None:
    """The people in the audience without a mobile; None where it is gone: a repeated order stays accepted."""
    with suppress(Refusal):
        return without_mobile(resolve(order.audience), awake_at(order, now))
    return None


def at_once(sending: SendingSettings) -> SendingSettings:
    """The settings for programs, which do not change their mind: without the undo seconds of the page."""
    return replace(sending, undo_seconds=0)
