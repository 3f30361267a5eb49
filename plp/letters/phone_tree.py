"""The phone tree of plan B as a page to print: the police call the coordinators, and they call the people of
their sheets.

Members' numbers go to their own coordinator and to nobody else: they agreed to be reached by the police, not to be
known to their neighbours. So it has two levels, and several coordinators share their neighbourhood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from db.alerts.incidents.roads import Roads
from db.operations.plan_b import Person, Place
from db.people.zone import zone
from plp.letters.rendering import paper


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of one caller: the people to call, in this order. `caller` is None for the police."""

    caller: Person | None
    neighbourhood: str
    people: tuple[Person, ...]
    unreached: int


def phone_tree(
    places: Sequence[Place] | None,
    people: Sequence[Person],
    now: datetime,
    printed_by: str = "",
    texts: Sequence[str] = (),
    by_road: Roads | None = None,
) -> str:
    """The page to print: the police's sheet of these neighbourhoods, unless None, then the sheets of these people, each
    with the `texts` to read out, or lines to write one; for an alert, the police's sheet shows who was reached
    `by_road`.
    """
    neighbourhoods = groupby(people, lambda person: person.neighbourhood)
    sheets = [sheet for _name, neighbours in neighbourhoods for sheet in sheets_of([*neighbours])]
    values = {"places": places, "sheets": sheets, "printed_by": printed_by, "texts": texts, "roads": by_road}
    return paper("plan_b.html", "fr", zone(), now, **values)


def sheets_of(neighbours: Sequence[Person]) -> list[Sheet]:
    """The sheets of one neighbourhood: one per coordinator with a telephone, who share the members evenly; the police's
    if there is no coordinator.
    """
    name = neighbours[0].neighbourhood
    callers = [person for person in neighbours if person.calls]
    reached = [person for person in neighbours if person.phone and not person.calls]
    unreached = len(neighbours) - len(callers) - len(reached)
    # One line per phone, with the names of those who share it; none for one that calls itself.
    lines: dict[str | None, Person] = {}
    for person in reached:
        first = lines.get(person.phone)
        names = f"{first.name} / {person.name}" if first else person.name
        lines[person.phone] = replace(person, first_name=names, last_name="") if first else person
    called = [person for number, person in lines.items() if number not in {caller.phone for caller in callers}]
    if not callers:
        return [Sheet(None, name, tuple(called), unreached)]
    share = -(-len(called) // len(callers))
    return [
        Sheet(caller, name, tuple(called[index * share : (index + 1) * share]), unreached)
        for index, caller in enumerate(callers)
    ]
