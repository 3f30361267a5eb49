"""The phone tree on paper: the police call the coordinators, each coordinator calls the people of their sheet.

Members' numbers go to their own coordinator and to nobody else: they agreed to be reached by the police, not to be
known to their neighbours. So it has two levels, and several coordinators share their neighbourhood. Beside it the duty
card: one page that hangs beside the officer's screen, with lines to fill in by hand.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from db.operations.plan_b import Person, Roll
from db.people.zone import ZoneCard


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of one caller: the people to call, in this order. `caller` is None for the police."""

    caller: Person | None
    neighbourhood: str
    people: tuple[Person, ...]
    unreached: int


def sheets_of(roll: Roll, neighbourhood: str) -> list[Sheet]:
    """One sheet per coordinator with a mobile, who share the members evenly; the police's where there is none."""
    people = roll.of(neighbourhood)
    callers = [person for person in people if person.role == "coordinator" and person.mobile]
    reached = [person for person in people if person.mobile and person not in callers]
    unreached = len(people) - len(callers) - len(reached)
    called = _by_number(reached, {caller.mobile for caller in callers})
    if not callers:
        return [Sheet(None, neighbourhood, tuple(called), unreached)]
    share = -(-len(called) // len(callers))
    return [
        Sheet(caller, neighbourhood, tuple(called[index * share : (index + 1) * share]), unreached)
        for index, caller in enumerate(callers)
    ]


def _by_number(people: Sequence[Person], known: Set[str | None]) -> list[Person]:
    """One line per phone, with the names of those who share it; none for one that calls itself."""
    found: dict[str, Person] = {}
    for person in people:
        number = person.mobile or ""
        if number in known:
            continue
        first = found.get(number)
        found[number] = replace(first, first_name=f"{first.name} / {person.name}", last_name="") if first else person
    return list(found.values())


def tree_pdf(roll: Roll, neighbourhood: str, zone_card: ZoneCard, now: datetime) -> bytes:
    """The sheets of one neighbourhood, A4."""
    from plp.jobs.plan_b.paper import Paper

    paper = Paper(zone_card, now)
    for sheet in sheets_of(roll, neighbourhood):
        paper.sheet(sheet)
    return paper.bytes()


def trunk_pdf(roll: Roll, zone_card: ZoneCard, now: datetime) -> bytes:
    """The police's own sheet: the coordinators to call, neighbourhood after neighbourhood."""
    from plp.jobs.plan_b.paper import Paper

    paper = Paper(zone_card, now)
    paper.trunk([(place, sheets_of(roll, place)) for place in roll.neighbourhoods])
    return paper.bytes()


# Titles and their steps, as the guide says them (console/guide/fr/policier.md).
SECTIONS = (
    (
        "Envoyer une alerte",
        (
            "Ouvrez la console et choisissez un modèle sur la page d'accueil.",
            "Indiquez le lieu ; contrôlez les quartiers cochés.",
            "Relisez : faits, lieu, consigne. Aucun nom, aucune origine, aucune plaque.",
            "Pressez « Vérifier avant l'envoi », tapez le nombre de personnes, confirmez.",
            "Vous pouvez annuler pendant quelques secondes. Ensuite, suivez l'envoi.",
        ),
    ),
    (
        "Erreur dans une alerte, ou fin des faits",
        (
            "Ouvrez l'alerte depuis la page d'accueil : elle y reste jusqu'à sa clôture.",
            "Mettez en pause, puis corrigez : la correction est envoyée en premier.",
            "À la fin des faits, clôturez l'alerte ; le feedback aux coordinateurs suit.",
        ),
    ),
    (
        "Aucun SMS n'est envoyé",
        (
            "La console indique pourquoi. L'alerte reste en attente ; ne la rédigez pas deux fois.",
            "Prévenez le technicien (numéro ci-dessous).",
            "Alerte urgente : prenez la feuille de la police et appelez les coordinateurs.",
        ),
    ),
    (
        "Un citoyen écrit",
        (
            "Boîte de réception : prenez le message en charge, puis appelez ou répondez.",
            "Fait en cours : le citoyen appelle le 101.",
        ),
    ),
)
BY_HAND = ("Adresse de la console", "Technicien", "Administrateur", "Feuilles du plan de secours")


def duty_card_pdf(zone_card: ZoneCard, now: datetime) -> bytes:
    """A4, one page."""
    from plp.jobs.plan_b.paper import Paper

    paper = Paper(zone_card, now)
    paper.duty_card(SECTIONS, BY_HAND)
    return paper.bytes()
