"""Who is still owed the welcome message."""

from dataclasses import dataclass
from datetime import datetime

from db.connection import writing
from db.members.listing import reachable_members
from db.models import Member, Neighbourhood


@dataclass(frozen=True, slots=True)
class DueWelcome:
    """One member to welcome; `key` makes sending it twice impossible."""

    member_id: int
    msisdn: str
    language: str
    neighbourhood: str
    reference_address: str
    key: str


def due_welcomes(limit: int = 50) -> list[DueWelcome]:
    """Members whose welcome was asked for and did not go out, oldest first."""
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
        )
        for row in rows
    ]


def mark_welcomed(member_id: int, now: datetime) -> None:
    """The welcome is in the outbox."""
    with writing():
        Member.update(welcomed_at=now).where(Member.id == member_id).execute()
