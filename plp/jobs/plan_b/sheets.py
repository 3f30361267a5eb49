"""The sheets of the phone tree as files that the console hands out, drawn anew when their content changed.

For 50,000 members that is a minute of work: a few sheets at a time, and a long list is read less often.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from db.engine.files import make_folder, write_whole
from db.operations.plan_b import (
    DUTY_CARD,
    POLICE,
    SHEETS_STATE,
    Person,
    Roll,
    Sheet,
    Sheets,
    places,
    roll,
    sheet_folder,
    sheets,
)
from db.people.zone import ZoneCard, zone
from db.settings.values import Settings
from plp.jobs.apart import apart
from plp.jobs.plan_b.phone_tree import WORDS, pdf, sheets_of
from plp.jobs.plan_b.trouble import incident_if_missed

# Five seconds of drawing; then others have their turn.
PEOPLE_AT_ONCE = 5_000
# 50,000 are read in half a second, once a minute.
PEOPLE_PER_SECOND = 1_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One file as it should be, and how to draw it; `people` is how much work that is."""

    sheet: Sheet
    people: int
    draw: Callable[[], bytes]


def keep_sheets(settings: Settings, now: datetime) -> bool:
    """Bring the files up to date, or some of them; True when there was something to draw."""
    kept = sheets(settings)
    if kept.as_of and abs(now - kept.as_of) < timedelta(seconds=kept.people / PEOPLE_PER_SECOND):
        return False
    whole = roll()
    wanted = _wanted(whole, zone(), now)
    folder = sheet_folder(settings)
    drawn = kept.drawn
    with incident_if_missed(f"{settings.host}/sheets", "plan_b_sheets_missed", now):
        drawn = _draw(folder, wanted, kept.drawn)
        as_of = now if len(drawn) == len(wanted) else kept.as_of
        known = asdict(Sheets(as_of, len(whole.people), whole.left_out, drawn))
        known["as_of"] = as_of and as_of.isoformat()
        write_whole(folder / SHEETS_STATE, json.dumps(known).encode())
    return drawn != kept.drawn


def _draw(folder: Path, wanted: Mapping[str, _Wanted], known: Mapping[str, Sheet]) -> dict[str, Sheet]:
    """Draw some files; returns those that are up to date. Files that are not needed any more are removed first."""
    for part in (folder.parent, folder):
        make_folder(part)
    there = {path.stem for path in folder.glob("*.pdf")}
    for name in there - wanted.keys():
        (folder / f"{name}.pdf").unlink()
    right = {name: each.sheet for name, each in wanted.items() if name in there and known.get(name) == each.sheet}
    people = 0
    due = {}
    for name, each in wanted.items():
        if name not in right and people < PEOPLE_AT_ONCE:
            due[name] = each
            people += max(1, each.people)
    if due:
        for name, pdf in zip(due, apart(_drawn, [each.draw for each in due.values()]), strict=True):
            write_whole(folder / f"{name}.pdf", pdf)
            right[name] = due[name].sheet
    return right


def _drawn(drawings: Sequence[Callable[[], bytes]]) -> list[bytes]:
    return [draw() for draw in drawings]


def _wanted(whole: Roll, zone_card: ZoneCard, now: datetime) -> dict[str, _Wanted]:
    here: dict[str, list[Person]] = {name: [] for name in places().values()}
    for person in whole.people:
        here.setdefault(person.neighbourhood, []).append(person)
    wanted, trees = {}, []
    for place_id, name in places().items():
        tree = sheets_of(Roll(tuple(here[name]), 0), name)
        callers = tuple(part.caller.name for part in tree if part.caller)
        sheet = Sheet(_digest(zone_card, name, here[name]), callers, sum(len(part.people) for part in tree))
        wanted[str(place_id)] = _Wanted(sheet, len(here[name]), partial(pdf, zone_card, now, "tree", tree))
        trees += [(name, tree)] if here[name] else []
    coordinators = [person for person in whole.people if person.role == "coordinator"]
    to_call = [(name, sum(len(part.people) for part in tree)) for name, tree in trees]
    trunk = Sheet(_digest(zone_card, coordinators, to_call))
    # First: with it alone the police can begin.
    police = _Wanted(trunk, len(coordinators), partial(pdf, zone_card, now, "trunk", trees))
    card = WORDS["duty_card"]
    duty = _Wanted(Sheet(_digest(zone_card, card)), 0, partial(pdf, zone_card, now, "duty_card", card))
    return {POLICE: police, DUTY_CARD: duty, **wanted}


def _digest(*content: object) -> str:
    return sha256(repr(content).encode()).hexdigest()
