"""Groups of members across neighbourhoods, whose people were added by hand. Writers join a transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from peewee import fn

from db.engine.base import Page, folded_column, tuples
from db.journal.reading import until_journaled
from db.models.people import GroupMember, Member, MemberGroup
from db.people.members.cards import MemberCard
from db.people.members.listing import Filter, members, reachable_members
from rules.collation import folded


@dataclass(frozen=True, slots=True)
class MemberGroupCard:
    """A group. `reachable` are the distinct numbers that an SMS goes to."""

    id: int
    name: str
    members: int
    reachable: int


@until_journaled
def member_groups() -> list[MemberGroupCard]:
    """All groups by name, with how many people and numbers they hold."""
    people = GroupMember.select(GroupMember.group, fn.COUNT(GroupMember.id)).group_by(GroupMember.group)
    inside = reachable_members().join_from(Member, GroupMember, on=(GroupMember.member == Member.id))
    numbers = inside.select(GroupMember.group, fn.COUNT(fn.DISTINCT(Member.mobile))).group_by(GroupMember.group)
    counted, reachable = dict[int, int](tuples(people)), dict[int, int](tuples(numbers))
    return [MemberGroupCard(row.id, row.name, counted.get(row.id, 0), reachable.get(row.id, 0)) for row in _by_name()]


def groups_of(member_id: int) -> list[tuple[int, str, bool]]:
    """(id, name, whether this member is in it) of all groups, by name."""
    theirs = dict(tuples(GroupMember.select(GroupMember.group, GroupMember.id).where(GroupMember.member == member_id)))
    return [(row.id, row.name, row.id in theirs) for row in _by_name()]


def in_groups(group_ids: Collection[int]) -> Any:
    """Condition on members: in one of these groups."""
    return Member.id.in_(GroupMember.select(GroupMember.member).where(GroupMember.group.in_(list(group_ids))))


def groups_by_name() -> dict[str, int]:
    """The id of every group by its name, the oldest first."""
    return dict(tuples(MemberGroup.select(MemberGroup.name, MemberGroup.id).order_by(MemberGroup.id)))


def group_named(name: str) -> int | None:
    """The group of this name, whatever its accents and capitals."""
    row = MemberGroup.get_or_none(folded_column(MemberGroup.name) == folded(name))
    return None if row is None else int(row.id)


def name_of_group(group_id: int) -> str | None:
    """Its name; None where no group has this id."""
    row = MemberGroup.get_or_none(MemberGroup.id == group_id)
    return None if row is None else str(row.name)


def add_group(name: str) -> int:
    """A new group, empty; returns its id."""
    return int(MemberGroup.create(name=name).id)


def rename_group(group_id: int, name: str) -> bool:
    """Give a group this name; False where none has this id."""
    return bool(MemberGroup.update(name=name).where(MemberGroup.id == group_id).execute())


def remove_group(group_id: int) -> None:
    """Delete it; its people remain members."""
    MemberGroup.delete().where(MemberGroup.id == group_id).execute()


def people_of_group(group_id: int, page: int = 1) -> Page[MemberCard]:
    """A page of its people by name; empty if it was deleted."""
    return members(Filter(among=in_groups([group_id])), page)


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


def _by_name() -> list[MemberGroup]:
    return list(MemberGroup.select().order_by(folded_column(MemberGroup.name)))
