"""Groups of members across neighbourhoods: saved, deleted, people put in and taken out."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.people import member_groups as stored
from db.people.members.listing import ids_with, neighbourhood_names
from rules.languages import LANGUAGES
from rules.members import one_line
from rules.numbers import parse_mobile
from rules.people import MEMBER_ROLES
from rules.refusals import FieldRefusal, Missing, Refusal, required

LONGEST_NAME = 60
# What separates pasted numbers; blanks stand inside them.
_SEPARATORS = r"[\r\n;,\t]"


def save_group(group_id: int | None, name: str, rule: stored.Rule | None, by: str, now: datetime) -> int:
    """Add or change a group; returns its id. Whether it has a rule never changes. Raises FieldRefusal, Missing."""
    name = one_line(name)[:LONGEST_NAME]
    if not name:
        raise FieldRefusal("name", "Donnez un nom au groupe.")
    if rule:
        _check(rule)
    with writing("member groups"):
        if stored.group_named(name) not in (None, group_id):
            raise FieldRefusal("name", "Le groupe « {name} » existe déjà.", name=name)
        if group_id is None:
            group_id = stored.add_group(name, by_rule=rule is not None)
        elif not stored.rename_group(group_id, name, by_rule=rule is not None):
            raise _gone()
        if rule:
            stored.put_rule(group_id, rule)
        audit.record(now, by, "member_group_saved", name)
    return group_id


def delete_group(group_id: int, by: str, now: datetime) -> None:
    """Delete a group; its people remain members. Raises Missing."""
    with writing():
        name = _named(group_id)
        stored.remove_group(group_id)
        audit.record(now, by, "member_group_deleted", name)


def put_into_group(group_id: int, member_ids: Iterable[int], by: str, now: datetime) -> int:
    """Put members in; returns how many were not in it. Raises Missing, also for a group by rule."""
    return _change(group_id, stored.add_to_group, member_ids, "member_group_joined", by, now)


def take_out_of_group(group_id: int, member_ids: Iterable[int], by: str, now: datetime) -> int:
    """Take members out; returns how many were in it. Raises Missing, also for a group by rule."""
    return _change(group_id, stored.remove_from_group, member_ids, "member_group_left", by, now)


def _change(
    group_id: int, change: Callable[[int, Iterable[int]], int], ids: Iterable[int], action: str, by: str, now: datetime
) -> int:
    with writing():
        name = _named(group_id, by_hand=True)
        if people := change(group_id, ids):
            audit.record(now, by, action, name, people=people)
    return people


def numbered(pasted: str) -> tuple[list[int], list[str]]:
    """The members of pasted numbers (one a line, or separated by commas), and what is no member's number."""
    known, unknown = list[int](), list[str]()
    for text in dict.fromkeys(filter(None, map(str.strip, re.split(_SEPARATORS, pasted)))):
        ids = list[int]()
        with suppress(Refusal):
            ids = ids_with(parse_mobile(text))
        known += ids
        if not ids:
            unknown.append(text[:40])
    return list(dict.fromkeys(known)), unknown


def _check(rule: stored.Rule) -> None:
    places = set(rule.neighbourhood_ids)
    if not (rule.everywhere or places or rule.streets):
        raise FieldRefusal("neighbourhood", "Choisissez au moins un quartier ou une rue, ou tous les quartiers.")
    if not places <= neighbourhood_names().keys():
        raise FieldRefusal("neighbourhood", "Un quartier choisi n'existe plus : vérifiez votre choix.")
    if rule.language not in ("", *LANGUAGES) or rule.role not in ("", *MEMBER_ROLES):
        raise FieldRefusal("language", "Choisissez la langue et le rôle dans la liste.")


def _named(group_id: int, by_hand: bool = False) -> str:
    return required(stored.name_of_group(group_id, by_hand), _gone())


def _gone() -> Missing:
    return Missing("Ce groupe n'existe plus.")
