"""Groups of members across neighbourhoods: people who were put in, or a rule that finds them each time."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from peewee import JOIN, fn

from db.engine.base import Page, card_of, folded_column, grouped, tuples
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.journal.reading import until_journaled
from db.models.people import GroupMember, GroupPlace, GroupStreet, Member, MemberGroup, Neighbourhood
from db.people.members.cards import MemberCard
from db.people.members.listing import Filter, members, reachable_members
from db.people.members.saving import FieldRefusal, one_line
from db.people.streets import StreetCard, lives_in, place_of
from rules.collation import folded
from rules.numbers import parse_mobile
from rules.people import LANGUAGES, MEMBER_ROLES
from rules.refusals import Missing, Refusal

LONGEST_NAME = 60
# What separates pasted numbers; blanks stand inside them.
_SEPARATORS = "\n;,\t"


@dataclass(frozen=True, slots=True)
class Rule:
    """The criteria of a group by rule; empty values ask nothing. `since_at`: added since then."""

    everywhere: bool = False
    neighbourhood_ids: tuple[int, ...] = ()
    streets: tuple[StreetCard, ...] = ()
    language: str = ""
    role: str = ""
    since_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MemberGroupCard:
    """A group. `members` are people; `reachable` are the distinct numbers that an SMS would go to. `rule` is None where
    each was put in.
    """

    id: int
    name: str
    rule: Rule | None
    members: int
    reachable: int


@until_journaled
def member_groups() -> list[MemberGroupCard]:
    """All groups by name, with how many people and numbers they hold."""
    rows = list(MemberGroup.select().order_by(folded_column(MemberGroup.name)))
    rules, found = _rules(rows), list[MemberGroupCard]()
    for row in rows:
        there = in_group(row)
        people = Member.select().where(there).count()
        numbers = reachable_members().select(fn.COUNT(fn.DISTINCT(Member.mobile))).where(there).scalar()
        found.append(MemberGroupCard(row.id, row.name, rules.get(row.id), people, numbers))
    return found


def groups_of(member_id: int) -> list[tuple[int, str, bool, bool]]:
    """(id, name, by rule, whether this member is in it) of each group, by name."""
    this = Member.select().where(Member.id == member_id)
    rows = MemberGroup.select().order_by(folded_column(MemberGroup.name))
    return [(row.id, row.name, row.by_rule, this.where(in_group(row)).exists()) for row in rows]


def in_groups(group_ids: Collection[int]) -> Any:
    """Condition on members: in one of these groups; None for no group."""
    found = [in_group(row) for row in MemberGroup.select().where(MemberGroup.id.in_(list(group_ids)))]
    return reduce(or_, found) if found else None


def in_group(row: MemberGroup) -> Any:
    """Condition on members: in this group."""
    if not row.by_rule:
        return Member.id.in_(GroupMember.select(GroupMember.member).where(GroupMember.group == row.id))
    there = None
    if not row.everywhere:
        places = GroupPlace.select(GroupPlace.neighbourhood).where(GroupPlace.group == row.id)
        streets = lives_in(_streets([row.id]).get(row.id, []))
        there = Member.neighbourhood.in_(places) if streets is None else Member.neighbourhood.in_(places) | streets
    wanted = Filter(among=there, language=row.language, role=row.role, since=row.since_at)
    return reduce(and_, list(wanted.conditions()) or [Member.id.is_null(False)])


def known_groups(names: Iterable[str]) -> dict[int, str]:
    """The groups of these names, by id. Raises Refusal for a name that none has."""
    wanted = list(dict.fromkeys(names))
    by_name: dict[str, int] = dict(tuples(MemberGroup.select(MemberGroup.name, MemberGroup.id)))
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise Refusal(
            "Groupe inconnu : {unknown}. Groupes existants : {known}.",
            unknown=", ".join(unknown)[:100],
            known=", ".join(by_name)[:300] or "aucun",
        )
    return {by_name[name]: name for name in wanted}


def save_group(group_id: int | None, name: str, rule: Rule | None, by: str, now: datetime) -> int:
    """Add or change a group; returns its id. Whether it has a rule never changes. Raises FieldRefusal, Missing."""
    name = one_line(name)[:LONGEST_NAME]
    if not name:
        raise FieldRefusal("name", "Donnez un nom au groupe.")
    values = {"name": name} | (_checked(rule) if rule else {})
    with writing():
        take_turn("member groups")
        twin = MemberGroup.get_or_none(folded_column(MemberGroup.name) == folded(name))
        if twin is not None and twin.id != group_id:
            raise FieldRefusal("name", "Le groupe « {name} » existe déjà.", name=name)
        if group_id is None:
            group_id = int(MemberGroup.create(by_rule=rule is not None, **values).id)
        else:
            this = MemberGroup.update(values).where(MemberGroup.id == group_id, MemberGroup.by_rule == bool(rule))
            if not this.execute():
                raise _gone()
        if rule:
            GroupPlace.delete().where(GroupPlace.group == group_id).execute()
            for place in dict.fromkeys(() if rule.everywhere else rule.neighbourhood_ids):
                GroupPlace.create(group=group_id, neighbourhood=place)
            GroupStreet.delete().where(GroupStreet.group == group_id).execute()
            for street in dict.fromkeys(() if rule.everywhere else rule.streets):
                GroupStreet.create(group=group_id, name=street.name, neighbourhood=place_of(street))
        audit.record(now, by, "member_group_saved", name)
    return group_id


def delete_group(group_id: int, by: str, now: datetime) -> None:
    """Delete a group; its people stay members. Raises Missing."""
    with writing():
        row = _existing(group_id)
        MemberGroup.delete().where(MemberGroup.id == group_id).execute()
        audit.record(now, by, "member_group_deleted", row.name)


def people_of_group(group_id: int, page: int = 1) -> Page[MemberCard]:
    """A page of its people by name. Raises Missing."""
    return members(Filter(among=in_group(_existing(group_id))), page)


def put_into_group(group_id: int, member_ids: Iterable[int], by: str, now: datetime) -> int:
    """Put members in; returns how many were not in it. Raises Missing, also for a group by rule."""
    with writing():
        row = _existing(group_id, by_rule=False)
        there = Member.select(Member.id).where(Member.id.in_(list(member_ids)), ~in_group(row))
        new = [int(member_id) for (member_id,) in tuples(there)]
        if new:
            rows = [{"group": group_id, "member": member_id} for member_id in new]
            GroupMember.insert_many(rows).on_conflict_ignore().execute()
            audit.record(now, by, "member_group_joined", row.name, people=len(new))
    return len(new)


def take_out_of_group(group_id: int, member_ids: Iterable[int], by: str, now: datetime) -> int:
    """Take members out; returns how many were in it. Raises Missing, also for a group by rule."""
    with writing():
        row = _existing(group_id, by_rule=False)
        theirs = GroupMember.member.in_(list(member_ids))
        left = int(GroupMember.delete().where(GroupMember.group == group_id, theirs).execute())
        if left:
            audit.record(now, by, "member_group_left", row.name, people=left)
    return left


def numbered(pasted: str) -> tuple[list[int], list[str]]:
    """The members of pasted numbers (one a line, or separated by commas), and what is no member's number."""
    for separator in _SEPARATORS:
        pasted = pasted.replace(separator, "\n")
    known: list[int] = []
    unknown: list[str] = []
    for text in dict.fromkeys(line.strip() for line in pasted.splitlines() if line.strip()):
        found = _members_of(text)
        known += found
        if not found:
            unknown.append(text[:40])
    return list(dict.fromkeys(known)), unknown


def _members_of(text: str) -> list[int]:
    try:
        number = parse_mobile(text)
    except Refusal:
        return []
    return [int(member_id) for (member_id,) in tuples(Member.select(Member.id).where(Member.mobile == number))]


def _existing(group_id: int, by_rule: bool = True) -> MemberGroup:
    """The row of a group; where `by_rule` is false, of one into which people are put."""
    row: MemberGroup | None = MemberGroup.get_or_none(MemberGroup.id == group_id)
    if row is None or (row.by_rule and not by_rule):
        raise _gone()
    return row


def _gone() -> Missing:
    return Missing("Ce groupe n'existe plus.")


def _rules(rows: Iterable[MemberGroup]) -> dict[int, Rule]:
    places: dict[int, list[int]] = grouped(tuples(GroupPlace.select(GroupPlace.group, GroupPlace.neighbourhood)))
    ruled = [row for row in rows if row.by_rule]
    streets = _streets([row.id for row in ruled])
    return {
        row.id: card_of(
            Rule,
            row,
            neighbourhood_ids=tuple(dict.fromkeys(places.get(row.id, ()))),
            streets=tuple(streets.get(row.id, ())),
        )
        for row in ruled
    }


def _streets(group_ids: Collection[int]) -> dict[int, list[StreetCard]]:
    rows = GroupStreet.select(GroupStreet.group, GroupStreet.name, fn.COALESCE(Neighbourhood.name, ""))
    where = rows.join(Neighbourhood, JOIN.LEFT_OUTER).where(GroupStreet.group.in_(list(group_ids)))
    found = tuples(where.order_by(GroupStreet.id))
    return grouped((group_id, StreetCard(name, place)) for group_id, name, place in found)


def _checked(rule: Rule) -> dict[str, object]:
    places = set(rule.neighbourhood_ids)
    if not (rule.everywhere or places or rule.streets):
        raise FieldRefusal("neighbourhood", "Choisissez au moins un quartier ou une rue, ou tous les quartiers.")
    if Neighbourhood.select().where(Neighbourhood.id.in_(list(places))).count() != len(places):
        raise FieldRefusal("neighbourhood", "Un quartier choisi n'existe plus : vérifiez votre choix.")
    if rule.language not in ("", *LANGUAGES) or rule.role not in ("", *MEMBER_ROLES):
        raise FieldRefusal("language", "Choisissez la langue et le rôle dans la liste.")
    return {
        "everywhere": rule.everywhere,
        "language": rule.language,
        "role": rule.role,
        "since_at": rule.since_at,
    }
