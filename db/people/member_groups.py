"""Groups of members across neighbourhoods: people who were added, or a rule that selects them at each use."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from peewee import JOIN, fn

from db.engine.base import Page, card_of, folded_column, grouped, tuples
from db.journal.reading import until_journaled
from db.models.people import GroupMember, GroupPlace, GroupStreet, Member, Neighbourhood
from db.models.people import MemberGroup as MemberGroup  # pages name the rows that they get
from db.people.geography import StreetCard, lives_in, place_of
from db.people.members.cards import MemberCard, lives_at
from db.people.members.listing import Filter, members, reachable_members
from rules.collation import folded


@dataclass(frozen=True, slots=True)
class Rule:
    """The criteria of a group by rule; empty values ask nothing. `since_at`: added since then."""

    everywhere: bool = False
    neighbourhood_ids: tuple[int, ...] = ()
    streets: tuple[StreetCard, ...] = ()
    language: str = ""
    role: str = ""
    since_at: datetime | None = None


@until_journaled
def member_groups() -> list[MemberGroup]:
    """All groups by name, with their rules, people, and distinct numbers that an SMS goes to."""
    return _counted(list(MemberGroup.select().order_by(folded_column(MemberGroup.name))))


def member_group(group_id: int) -> MemberGroup | None:
    """The group of this id, as `member_groups` gives it; only its own people are counted."""
    return next(iter(_counted(list(MemberGroup.select().where(MemberGroup.id == group_id)))), None)


def _counted(rows: list[MemberGroup]) -> list[MemberGroup]:
    rules, numbers = _rules(rows), reachable_members().select(fn.COUNT(fn.DISTINCT(Member.mobile)))
    for row in rows:
        condition = in_group(row)
        row.rule, row.members = rules.get(row.id), Member.select().where(condition).count()
        row.reachable = numbers.where(condition).scalar()
    return rows


def groups_of(member_id: int) -> list[tuple[int, str, bool, bool]]:
    """(id, name, by rule, whether this member is in it) of all groups, by name."""
    this = Member.select().where(Member.id == member_id)
    rows = MemberGroup.select().order_by(folded_column(MemberGroup.name))
    return [(row.id, row.name, row.by_rule, this.where(in_group(row)).exists()) for row in rows]


def in_groups(group_ids: Collection[int], otherwise: Any = None) -> Any:
    """Condition on members: in one of these groups; `otherwise` for no group."""
    conditions = [in_group(row) for row in MemberGroup.select().where(MemberGroup.id.in_(list(group_ids)))]
    return reduce(or_, conditions) if conditions else otherwise


def in_group(row: MemberGroup) -> Any:
    """Condition on members: in this group."""
    if not row.by_rule:
        return Member.id.in_(GroupMember.select(GroupMember.member).where(GroupMember.group == row.id))
    among = None
    if not row.everywhere:
        places = GroupPlace.select(GroupPlace.neighbourhood).where(GroupPlace.group == row.id)
        streets = lives_in(_streets([row.id]).get(row.id, []))
        among = lives_at(places) if streets is None else lives_at(places) | streets
    wanted = Filter(among=among, language=row.language, role=row.role, since=row.since_at)
    return reduce(and_, list(wanted.conditions()) or [Member.id.is_null(False)])


def groups_by_name() -> dict[str, int]:
    """The id of every group by its name, the oldest first."""
    return dict(tuples(MemberGroup.select(MemberGroup.name, MemberGroup.id).order_by(MemberGroup.id)))


def group_named(name: str) -> int | None:
    """The group of this name, whatever its accents and capitals."""
    same = folded_column(MemberGroup.name) == folded(name)
    return MemberGroup.select(MemberGroup.id).where(same).scalar() or None


def name_of_group(group_id: int, by_hand: bool = False) -> str | None:
    """Its name; None where no group has this id, or people are not put into it `by_hand`."""
    row = MemberGroup.get_or_none(MemberGroup.id == group_id)
    return None if row is None or (by_hand and row.by_rule) else str(row.name)


def add_group(name: str, by_rule: bool) -> int:
    """A new group, empty; returns its id. Inside the caller's transaction, as all writers here."""
    return int(MemberGroup.create(by_rule=by_rule, name=name).id)


def rename_group(group_id: int, name: str, by_rule: bool) -> bool:
    """Give a group of this sort its name; False where none has this id."""
    this = MemberGroup.id == group_id, MemberGroup.by_rule == by_rule
    return bool(MemberGroup.update(name=name).where(*this).execute())


def put_rule(group_id: int, rule: Rule) -> None:
    """Give a group by rule its criteria."""
    values = {name: getattr(rule, name) for name in ("everywhere", "language", "role", "since_at")}
    MemberGroup.update(values).where(MemberGroup.id == group_id).execute()
    GroupPlace.delete().where(GroupPlace.group == group_id).execute()
    GroupStreet.delete().where(GroupStreet.group == group_id).execute()
    if rule.everywhere:
        return
    for place_id in dict.fromkeys(rule.neighbourhood_ids):
        GroupPlace.create(group=group_id, neighbourhood=place_id)
    for street in dict.fromkeys(rule.streets):
        GroupStreet.create(group=group_id, name=street.name, neighbourhood=place_of(street))


def remove_group(group_id: int) -> None:
    """Delete it; its people remain members."""
    MemberGroup.delete().where(MemberGroup.id == group_id).execute()


def people_of_group(group_id: int, page: int = 1) -> Page[MemberCard]:
    """A page of its people by name; empty if it was deleted."""
    return members(Filter(among=in_groups([group_id], otherwise=Member.id.is_null())), page)


def add_to_group(group_id: int, member_ids: Iterable[int]) -> int:
    """Put members in; returns how many were not in it."""
    inside = GroupMember.select(GroupMember.member).where(GroupMember.group == group_id)
    new = tuples(Member.select(Member.id).where(Member.id.in_(list(member_ids)), Member.id.not_in(inside)))
    if new:
        rows = [{"group": group_id, "member": member_id} for (member_id,) in new]
        GroupMember.insert_many(rows).on_conflict_ignore().execute()
    return len(new)


def remove_from_group(group_id: int, member_ids: Iterable[int]) -> int:
    """Take members out; returns how many were in it."""
    theirs = GroupMember.group == group_id, GroupMember.member.in_(list(member_ids))
    return int(GroupMember.delete().where(*theirs).execute())


def _rules(rows: Iterable[MemberGroup]) -> dict[int, Rule]:
    ruled = [row for row in rows if row.by_rule]
    named = GroupPlace.group.in_([row.id for row in ruled])
    places: dict[int, list[int]] = grouped(
        tuples(GroupPlace.select(GroupPlace.group, GroupPlace.neighbourhood).where(named))
    )
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
    streets = tuples(where.order_by(GroupStreet.id))
    return grouped((group_id, StreetCard(name, place)) for group_id, name, place in streets)
