"""The default drill group: members and users to whom a drill goes; and when the last drill went out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from peewee import JOIN, fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, utc_of
from db.journal import audit
from db.models.accounts import Account
from db.models.broadcasts import Broadcast, Part
from db.models.people import Member
from db.models.policy import DrillPerson
from db.people.members.listing import reachable_members

Source = Literal["member", "account"]
_LAST_DRILL = Prepared(
    Broadcast.select(Broadcast.created_at)
    .where(Broadcast.kind == "drill")
    .where(fn.EXISTS(Part.select().where(Part.broadcast == Broadcast.id, Part.sent_at.is_null(False))))
    .order_by(Broadcast.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class DrillPersonCard:
    """Somebody of the group. Without `mobile` a drill does not reach them at present."""

    id: int
    source: Source
    person_id: int
    name: str
    mobile: str | None


def drill_group() -> list[DrillPersonCard]:
    """The group, in the order in which people were added."""
    columns = (DrillPerson, Member, Account.id, Account.name, Account.mobile, Account.active)
    joined = DrillPerson.select(*columns).join(Member, JOIN.LEFT_OUTER)
    rows = list(joined.join_from(DrillPerson, Account, JOIN.LEFT_OUTER).order_by(DrillPerson.id))
    # By name of the few: joined, SQLite asks every consent of the zone whether it is of one of them.
    members = [row.member_id for row in rows if row.member_id is not None]
    reached = reachable_members().select(Member.id).where(Member.id.in_(members))
    reachable = {member_id for (member_id,) in tuples(reached)} if members else set[int]()
    group = []
    for row in rows:
        if (member := row.member) is not None:
            mobile = member.mobile if member.id in reachable else None
            group.append(DrillPersonCard(row.id, "member", member.id, member.full_name, mobile))
        elif (account := row.account) is not None:
            mobile = account.mobile if account.active else None
            group.append(DrillPersonCard(row.id, "account", account.id, account.name, mobile))
    return group


def mobile_of(source: Source, person_id: int) -> str | None:
    """The number by which a drill reaches this member or account; None where it reaches them at none."""
    if source == "member":
        member = reachable_members().where(Member.id == person_id).first()
        return member.mobile if member is not None else None
    account = Account.get_or_none(Account.id == person_id, Account.active)
    return account.mobile if account is not None else None


def add_drill_person(source: Source, person_id: int, by: str, now: datetime) -> None:
    """Add a member or an account. Inside the caller's transaction."""
    DrillPerson.create(**{source: person_id}, added_by=by, added_at=now)
    audit.record(now, by, "drill_group_changed", people=DrillPerson.select().count())


def remove_drill_person(entry_id: int, by: str, now: datetime) -> None:
    """Remove somebody from the group; does nothing when they are not in it. Inside the caller's transaction."""
    if DrillPerson.delete().where(DrillPerson.id == entry_id).execute():
        audit.record(now, by, "drill_group_changed", people=DrillPerson.select().count())


def last_drill_at() -> datetime | None:
    """Time of the last drill of which the network accepted at least one SMS; None before the first."""
    row = _LAST_DRILL.first()
    return utc_of(row[0]) if row is not None else None
