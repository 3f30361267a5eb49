"""Members who are still owed the welcome message."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from peewee import SQL, Value, fn

from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.models.people import Member, Neighbourhood
from db.people.members.cards import MemberCard, is_quiet
from db.people.members.listing import cards_in_order, reachable_members

# A house that gets its mail working later does not greet those who joined months ago.
OWED_FOR = timedelta(days=30)
_ANY_ASKED = Prepared(
    Member.select(SQL("1")).where(Member.welcome_requested_at.is_null(False), Member.welcomed_at.is_null()).limit(1)
)
_ANY_MAIL = Prepared(lambda: Member.select(SQL("1")).where(*_is_mail_due(given("since"))).limit(1))


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Members who are owed the same welcome; `people` is their number, which is no part of who they are."""

    language: str
    neighbourhood_id: int
    has_email: bool
    neighbourhood: str
    reference_address: str
    people: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class DueWelcome:
    """One member to welcome, and the address for what is not urgent; `key` makes sending it twice impossible."""

    member: MemberCard
    reference_address: str
    key: str


def owed_groups() -> list[Newcomers]:
    """All whose welcome by SMS is wanted and did not go out, by what decides their words."""
    if not _ANY_ASKED.first():
        return []
    without = Member.email.is_null()
    same = (Member.language, Member.neighbourhood, without, Neighbourhood.name, Neighbourhood.reference_address)
    rows = _owed().join(Neighbourhood, on=(Member.neighbourhood == Neighbourhood.id))
    found = tuples(rows.select(*same, fn.COUNT(Member.id)).group_by(*same))
    return [Newcomers(language, place, not without, *rest) for language, place, without, *rest in found]


def mark_groups_welcomed(groups: Collection[Newcomers], now: datetime) -> None:
    """Nothing is owed to these any more. In the caller's transaction."""
    theirs = _owed().select(Member.id).where(_among(groups))
    Member.update(welcomed_at=now).where(Member.id.in_(theirs)).execute()


def due_welcomes(
    limit: int = 50, now: datetime | None = None, groups: Collection[Newcomers] | None = None
) -> list[DueWelcome]:
    """Members whose welcome is wanted and did not go out, oldest first, of these `groups`; with `now` not in quiet
    hours.
    """
    if not _ANY_ASKED.first() or groups == []:
        return []
    owed = _owed() if groups is None else _owed().where(_among(groups))
    return _due(owed if now is None else owed.where(~is_quiet(now)), limit)


def _owed() -> Any:
    return reachable_members().where(Member.welcome_requested_at.is_null(False), Member.welcomed_at.is_null())


def _among(groups: Collection[Newcomers]) -> Any:
    """Condition on members. One for each group would be as deep as a large zone has neighbourhoods, and no query."""
    places = grouped(((group.language, group.has_email), group.neighbourhood_id) for group in groups)
    same = (
        (Member.language == language) & Member.email.is_null(not has_email) & Member.neighbourhood.in_(ids)
        for (language, has_email), ids in places.items()
    )
    return reduce(or_, same, Value(1) == 0)


def due_welcome_mails(now: datetime, limit: int = 20) -> list[DueWelcome]:
    """Members with an address whose welcome is wanted and was not mailed, oldest first."""
    since = now - OWED_FOR
    return _due(Member.select().where(*_is_mail_due(since)), limit, ":mail") if _ANY_MAIL.first(since=since) else []


def _is_mail_due(since: Any) -> tuple[Any, ...]:
    return (
        Member.welcome_requested_at > since,
        Member.welcome_mailed_at.is_null(),
        Member.email.is_null(False),
        Member.restricted_at.is_null(),
    )


def _due(rows: Any, limit: int, way: str = "") -> list[DueWelcome]:
    oldest = rows.select(Member.id, Member.welcome_requested_at).order_by(Member.welcome_requested_at, Member.id)
    wanted_at: dict[int, datetime] = dict(tuples(oldest.limit(limit)))
    if not wanted_at:
        return []
    addresses = dict(tuples(Neighbourhood.select(Neighbourhood.id, Neighbourhood.reference_address)))
    return [
        DueWelcome(card, addresses[card.neighbourhood_id], f"welcome:{card.id}:{wanted_at[card.id].isoformat()}{way}")
        for card in cards_in_order(list(wanted_at))
    ]


def mark_welcome_mailed(member_id: int, now: datetime) -> None:
    """The welcome mail is in the queue; inside the caller's transaction if it has one."""
    with writing():
        Member.update(welcome_mailed_at=now).where(Member.id == member_id).execute()


def mark_welcomed(member_id: int, now: datetime) -> None:
    """The welcome is in the outbox."""
    with writing():
        Member.update(welcomed_at=now).where(Member.id == member_id).execute()
