"""The small group that drills go to by default."""

from datetime import datetime

from db.alerts import drill_group as stored
from db.engine.connection import writing
from db.people.audience import Audience
from rules.orders.agreement import DRILL_PEOPLE
from rules.refusals import Refusal


def drill_audience() -> Audience:
    """The numbers of the group. Raises Refusal when it is empty."""
    numbers = tuple(dict.fromkeys(card.mobile for card in stored.drill_group() if card.mobile))
    if not numbers:
        raise Refusal(
            "Le groupe d'exercice est vide : un administrateur le compose dans Paramètres. "
            "Vous pouvez aussi choisir un quartier."
        )
    return Audience(numbers=numbers, named="group")


def add_to_drill_group(source: stored.Source, person_id: int, by: str, now: datetime) -> None:
    """Add a member or an account, unless they are in it. Raises Refusal if it is full or they have no mobile."""
    with writing("drill group"):
        group = stored.drill_group()
        if any((card.source, card.person_id) == (source, person_id) for card in group):
            return
        if len(group) >= DRILL_PEOPLE:
            raise Refusal(
                "Le groupe d'exercice compte déjà {people} personnes, le maximum. Retirez d'abord quelqu'un.",
                people=len(group),
            )
        if stored.mobile_of(source, person_id) is None:
            raise Refusal("Cette personne n'a pas de GSM qui reçoit les SMS.")
        stored.add_drill_person(source, person_id, by, now)


def remove_from_drill_group(entry_id: int, by: str, now: datetime) -> None:
    """Remove somebody from the group; does nothing when they are not in it."""
    with writing():
        stored.remove_drill_person(entry_id, by, now)
