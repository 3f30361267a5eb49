"""Drills: the small group that they go to by default, and those at a date, as bulletins may be."""

from datetime import datetime, timedelta

from db.alerts import planned
from db.engine.connection import writing
from db.people.accounts.accounts import holds_any
from db.people.audience import Audience, AudienceIds, size
from plp.services.texts import all_composed, judged_drill, require_texts
from rules.orders.agreement import DRILL_PEOPLE
from rules.orders.texts import MAIN_LANGUAGE
from rules.people import roles_with
from rules.refusals import Refusal, required

# Further ahead nobody means the date that they typed.
FURTHEST = timedelta(days=400)


def drill_audience() -> Audience:
    """The numbers of the group. Raises Refusal when it is empty."""
    numbers = tuple(dict.fromkeys(card.mobile for card in planned.drill_group() if card.mobile))
    if not numbers:
        raise Refusal(
            "Le groupe d'exercice est vide. Demandez à un administrateur de le composer (« Paramètres "
            "»), ou choisissez un quartier."
        )
    return Audience(numbers=numbers, named="group")


def add_to_drill_group(source: planned.Source, person_id: int, by: str, now: datetime) -> None:
    """Add a member or an account, unless they are in it. Raises Refusal if it is full or they have no mobile."""
    with writing("drill group"):
        group = planned.drill_group()
        if any((card.source, card.person_id) == (source, person_id) for card in group):
            return
        if len(group) >= DRILL_PEOPLE:
            raise Refusal(
                "Le groupe d'exercice compte déjà {people} personnes, le maximum. Retirez d'abord quelqu'un.",
                people=len(group),
            )
        if planned.mobile_of(source, person_id) is None:
            raise Refusal("Cette personne n'a pas de GSM qui reçoit les SMS.")
        planned.add_drill_person(source, person_id, by, now)


def remove_from_drill_group(entry_id: int, by: str, now: datetime) -> None:
    """Remove somebody from the group; does nothing when they are not in it."""
    with writing():
        planned.remove_drill_person(entry_id, by, now)


def plan_drill(dated: planned.DatedOrder, by: str, now: datetime) -> int:
    """Keep a drill for its date, checked as it will be then; its id. Raises Refusal."""
    texts = {MAIN_LANGUAGE: dated.text, **dict(dated.others)}
    all_composed(texts, drill=True)
    group = AudienceIds(numbers=drill_audience().numbers)  # refused now rather than at its hour: it may be empty
    languages = size(group).languages
    if dated.others:
        require_texts(texts, languages)
    judged_drill(texts)
    return plan_for(dated, by, now)


def plan_for(dated: planned.DatedOrder, by: str, now: datetime) -> int:
    """Keep it for its date; its id. Raises Refusal."""
    if dated.due_at <= now:
        raise Refusal("Cette date est passée : choisissez une date à venir.")
    if dated.due_at > now + FURTHEST:
        raise Refusal("Cette date est à plus d'un an : choisissez une date plus proche.")
    return required(planned.keep_planned(dated, by, now), Refusal("Ce brouillon n'existe plus."))


def require_planner(card: planned.PlannedCard) -> None:
    """Raise Refusal if the person who planned it may no longer send it."""
    if not holds_any(card.planned_by, roles_with("send_alerts" if card.bulletin_id is None else "send_bulletins")):
        raise Refusal(
            "{who}, qui a prévu cet envoi, n'a plus de compte ou n'est plus policier : un policier doit le prévoir à "
            "nouveau.",
            who=card.planned_by,
        )


def stop_planned(planned_id: int, by: str, now: datetime) -> bool:
    """An officer takes it back; False when it was over."""
    card = planned.planned_of(planned_id)
    return card is not None and planned.mark_ended(card, "stopped", now, by)
