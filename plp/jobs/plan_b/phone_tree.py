"""The phone tree on paper: the police call the coordinators, each coordinator calls the people of their sheet.

Members' numbers go to their own coordinator and to nobody else: they agreed to be reached by the police, not to be
known to their neighbours. So it has two levels, and several coordinators share their neighbourhood.
"""

import tomllib
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

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


def pdf(zone_card: ZoneCard, now: datetime, page: Literal["tree", "trunk", "duty_card"], content: Any) -> bytes:
    """A4 pages: the sheets of one neighbourhood; the police's own, with all neighbourhoods and their sheets; or the
    duty card.
    """
    from plp.jobs.plan_b.paper import Paper

    paper = Paper(zone_card, now)
    getattr(paper, page)(content)
    return paper.bytes()


WORDS: dict[str, Any] = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
