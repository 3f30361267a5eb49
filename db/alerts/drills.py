"""Drills: the small group that they go to by default, and when the last one was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from peewee import JOIN, fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, utc_of
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.models.accounts import Account
from db.models.broadcasts import Broadcast, Part
from db.models.people import Member
from db.models.policy import DrillPerson
from db.people.audience import Audience
from db.people.members.listing import reachable_members
from db.people.policy import DRILL_PEOPLE
from rules.refusals import Refusal

Source = Literal["member", "account"]


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
    rows = list(
        DrillPerson.select(
            DrillPerson, Member, Account.id, Account.name, Account.mobile, Account.active, Account.language
        )
        .join(Member, JOIN.LEFT_OUTER)
        .switch(DrillPerson)
        .join(Account, JOIN.LEFT_OUTER)
        .order_by(DrillPerson.id)
    )
    # By name of the few: joined, SQLite asks every consent of the zone whether it is of one of them.
    members = [row.member_id for row in rows if row.member_id is not None]
    reached = reachable_members().select(Member.id).where(Member.id.in_(members))
    reachable = {member_id for (member_id,) in tuples(reached)} if members else set[int]()
    return [_card(row, reachable) for row in rows]


def drill_audience() -> Audience:
    """The numbers of the group. Raises Refusal when there are none."""
    numbers = tuple(dict.fromkeys(card.mobile for card in drill_group() if card.mobile))
    if not numbers:
        raise Refusal(
            "Le groupe d'exercice est vide : un administrateur le compose dans Paramètres. "
            "Vous pouvez aussi choisir un quartier."
        )
    return Audience(numbers=numbers, named="group")


def add_to_drill_group(source: Source, person_id: int, by: str, now: datetime) -> None:
    """Add a member or an account, unless they are in it. Raises Refusal if it is full or they have no mobile."""
    with writing():
        take_turn("drill group")
        column = DrillPerson.member if source == "member" else DrillPerson.account
        if DrillPerson.select().where(column == person_id).exists():
            return
        people = DrillPerson.select().count()
        if people >= DRILL_PEOPLE:
            raise Refusal(
                "Le groupe d'exercice compte déjà {people} personnes, le maximum. Retirez d'abord quelqu'un.",
                people=people,
            )
        if _mobile_of(source, person_id) is None:
            raise Refusal("Cette personne n'a pas de GSM qui reçoit les SMS.")
        DrillPerson.create(**{source: person_id}, added_by=by, added_at=now)
        audit.record(now, by, "drill_group_changed", people=people + 1)


def remove_from_drill_group(entry_id: int, by: str, now: datetime) -> None:
    """Remove somebody from the group; does nothing when they are not in it."""
    with writing():
        if DrillPerson.delete().where(DrillPerson.id == entry_id).execute():
            audit.record(now, by, "drill_group_changed", people=DrillPerson.select().count())


def last_drill_at() -> datetime | None:
    """Time of the last drill of which the network took at least one SMS; None before the first."""
    row = _LAST_DRILL.first()
    return utc_of(row[0]) if row is not None else None


_LAST_DRILL = Prepared(
    Broadcast.select(Broadcast.created_at)
    .where(Broadcast.kind == "drill")
    .where(fn.EXISTS(Part.select().where(Part.broadcast == Broadcast.id, Part.sent_at.is_null(False))))
    .order_by(Broadcast.id.desc())
    .limit(1)
)


def _card(row: DrillPerson, reachable: set[int]) -> DrillPersonCard:
    member, account = row.member, row.account
    if member is not None:
        mobile = member.mobile if member.id in reachable else None
        return DrillPersonCard(row.id, "member", member.id, member.full_name, mobile)
    if account is None:
        raise RuntimeError("a drill group's row names nobody")
    return DrillPersonCard(row.id, "account", account.id, account.name, account.mobile if account.active else None)


def _mobile_of(source: Source, person_id: int) -> str | None:
    if source == "member":
        member = reachable_members().where(Member.id == person_id).first()
        return member.mobile if member is not None else None
    account = Account.get_or_none(Account.id == person_id, Account.active)
    return account.mobile if account is not None else None
