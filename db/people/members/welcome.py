"""Members who are still owed the welcome message."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import SQL

from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.models.people import Member, Neighbourhood
from db.people.members.listing import cards_in_order, reachable_members

# A house that gets its mail working later does not greet those who have been there for months.
OWED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DueWelcome:
    """One member to welcome; `key` makes sending it twice impossible. `has_mail`: they can be written to, too."""

    member_id: int
    msisdn: str
    language: str
    neighbourhood: str
    reference_address: str
    key: str
    has_mail: bool = False


def due_welcomes(limit: int = 50) -> list[DueWelcome]:
    """Members whose welcome was asked for and did not go out, oldest first."""
    if not _ANY_ASKED.first():
        return []
    rows = (
        reachable_members()
        .select_extend(Neighbourhood)
        .join_from(Member, Neighbourhood)
        .where(Member.welcome_requested_at.is_null(False), Member.welcomed_at.is_null())
        .order_by(Member.welcome_requested_at, Member.id)
        .limit(limit)
    )
    return [
        DueWelcome(
            row.id,
            row.mobile,
            row.language,
            row.neighbourhood.name,
            row.neighbourhood.reference_address,
            f"welcome:{row.id}:{row.welcome_requested_at.isoformat()}",
            row.email is not None,
        )
        for row in rows
    ]


_ANY_ASKED = Prepared(
    Member.select(SQL("1")).where(Member.welcome_requested_at.is_null(False), Member.welcomed_at.is_null()).limit(1)
)


@dataclass(frozen=True, slots=True)
class DueWelcomeMail:
    """One member to welcome by mail. `texts` says that SMS go to them too, `group` that they joined the mail group."""

    member_id: int
    name: str
    address: str
    language: str
    neighbourhood: str
    reference_address: str
    texts: bool
    group: bool
    key: str


def due_welcome_mails(now: datetime, limit: int = 20) -> list[DueWelcomeMail]:
    """Members with an address whose welcome was asked for and was not mailed, oldest first."""
    rows = (
        Member.select(Member, Neighbourhood)
        .join(Neighbourhood)
        .where(Member.welcome_requested_at > now - OWED_FOR, Member.welcome_mailed_at.is_null())
        .where(Member.email.is_null(False), Member.restricted_at.is_null())
        .order_by(Member.welcome_requested_at, Member.id)
        .limit(limit)
    )
    found = {row.id: row for row in rows}
    return [
        DueWelcomeMail(
            member_id=card.id,
            name=card.name,
            address=found[card.id].email or "",
            language=card.language,
            neighbourhood=card.neighbourhood,
            reference_address=found[card.id].neighbourhood.reference_address,
            texts=card.state == "active",
            group=card.mail_group,
            key=f"welcome:{card.id}:{found[card.id].welcome_requested_at.isoformat()}:mail",
        )
        for card in cards_in_order(list(found))
    ]


def mark_welcome_mailed(member_id: int, now: datetime) -> None:
    """The welcome mail is in the queue; inside the caller's transaction where there is one."""
    with writing():
        Member.update(welcome_mailed_at=now).where(Member.id == member_id).execute()


def mark_welcomed(member_id: int, now: datetime) -> None:
    """The welcome is in the outbox."""
    with writing():
        Member.update(welcomed_at=now).where(Member.id == member_id).execute()
