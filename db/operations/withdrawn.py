"""Consents, tokens and accounts taken back after a copy was made, read in the database that it replaces: it has them
still.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from db.engine.base import tuples
from db.journal import audit
from db.models.accounts import ApiToken
from db.models.people import Consent, Member


class Withdrawal(NamedTuple):
    """A member no longer agrees to this channel. Ids are reused, but not the time at which a member was added."""

    member_id: int
    added_at: datetime
    channel: str
    how: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Accounts and tokens by name; members whose data are kept and not used, by id and `added_at`, since when."""

    consents: tuple[Withdrawal, ...] = ()
    restricted: tuple[tuple[int, datetime, datetime], ...] = ()
    tokens: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


def withdrawn_since(when: datetime) -> Withdrawn:
    """All that was withdrawn since then, also by our journal: by a service centre's clock a STOP may seem older."""
    changed = {(entry.subject, entry.detail["channel"]) for entry in audit.since(when, ("consent_changed",))}
    consents: Any = Consent.select(Member.id, Member.created_at, Consent.channel, Consent.how, Consent.at)
    restricted: Any = Member.select(Member.id, Member.created_at, Member.restricted_at)
    tokens = ApiToken.select(ApiToken.name).where(ApiToken.revoked_at >= when)
    last = {
        entry.subject: entry.action
        for entry in audit.since(when, ("account_closed", "account_deleted", "account_opened"))
    }
    return Withdrawn(
        tuple(
            Withdrawal(member_id, added_at, channel, how)
            for member_id, added_at, channel, how, at in tuples(consents.join(Member).where(~Consent.given))
            if at >= when or (str(member_id), channel) in changed
        ),
        tuple(tuples(restricted.where(Member.restricted_at >= when))),
        tuple(name for (name,) in tuples(tokens)),
        tuple(name for name, action in last.items() if action != "account_opened"),
    )


def is_member(member_id: int, added_at: datetime) -> bool:
    """True when the bound database has this very member."""
    return bool(Member.select().where(Member.id == member_id, Member.created_at == added_at).exists())
