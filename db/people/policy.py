"""The zone's policy: who must agree to an alert, how long it can be undone, when it is night, what an SMS costs; and a
change that waits for a second admin.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from db.engine.base import card_of
from db.engine.cached_queries import Prepared
from db.journal import audit
from db.models.accounts import Account, AccountRole
from db.models.policy import PolicyProposal, ZonePolicy
from rules.people import SETTLED_AFTER

Agreement = Literal["none", "typed", "second"]
AGREEMENTS: tuple[Agreement, ...] = ("none", "typed", "second")

APPROVAL_WITHIN = timedelta(minutes=15)
# More people, more seconds to see the mistake; longer than a minute nobody sits and looks.
UNDO_STEPS = ((50, 1), (500, 2))
UNDO_MOST = 3
UNDO_CAP_S = 60
_IN_FORCE = Prepared(ZonePolicy.select().limit(1))
_PROPOSED = Prepared(PolicyProposal.select().limit(1))


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy in force. Hours are of the zone's clock; the price is in thousandths of a euro per part."""

    approval: Agreement = "typed"
    undo_grows: bool = True
    night_from_hour: int = 22
    night_to_hour: int = 7
    sms_price_millieuros: int | None = None
    second_factor: bool = False
    mail_always: bool = False

    def undo_seconds(self, base_s: int, people: int) -> int:
        """Seconds in which an order to so many people can be undone; `base_s` is config.ini's."""
        if not self.undo_grows:
            return base_s
        factor = next((times for most, times in UNDO_STEPS if people <= most), UNDO_MOST)
        return max(base_s, min(UNDO_CAP_S, base_s * factor))

    def is_night(self, hour: int) -> bool:
        """True when phones that ring at this hour wake people."""
        if self.night_from_hour <= self.night_to_hour:
            return self.night_from_hour <= hour < self.night_to_hour
        return hour >= self.night_from_hour or hour < self.night_to_hour


def policy() -> Policy:
    """The policy of this zone; the defaults where nobody changed it."""
    row = next(iter(_IN_FORCE.results()), None)
    return Policy() if row is None else card_of(Policy, row)


def write_policy(wanted: Policy, by: str = "", now: datetime | None = None) -> None:
    """Store it as the policy in force. Joins the caller's `writing()`."""
    row = ZonePolicy.select().first() or ZonePolicy()
    for name, value in asdict(wanted).items():
        setattr(row, name, value)
    row.changed_by, row.changed_at = by, now
    row.save()


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """A change that waits for a second admin: `wanted` is what would hold."""

    wanted: Policy
    asked_by: str
    asked_at: datetime


def policy_request() -> PolicyRequest | None:
    """The change that waits; None where none does."""
    row = next(iter(_PROPOSED.results()), None)
    if row is None:
        return None
    return PolicyRequest(replace(policy(), **json.loads(row.changes)), row.asked_by, row.asked_at)


def keep_policy_request(changes: dict[str, object], by: str, now: datetime) -> None:
    """Let this change wait, in place of one that waits."""
    PolicyProposal.delete().execute()
    PolicyProposal.create(changes=json.dumps(changes), asked_by=by, asked_at=now)


def delete_policy_request() -> bool:
    """The change that waits is no longer wanted, or holds; False where none waits."""
    return bool(PolicyProposal.delete().execute())


def has_second_admin(now: datetime) -> bool:
    """True when the zone has two admins, or had a day ago: sending one away changes nothing at once."""
    lately = audit.since(now - SETTLED_AFTER, ("account_closed", "account_deleted", "roles_changed"))
    lost = {entry.subject for entry in lately if "admin" in cast(list[str], entry.detail.get("lost", []))}
    return len(able("admin")) + len(lost) > 1


def able(role: str) -> set[int]:
    """The accounts with this role that can sign in."""
    signing_in = Account.select(Account.id).where(Account.active, Account.password_hash.is_null(False))
    holds = (AccountRole.role == role) & AccountRole.holds_from_at.is_null()
    return {row.id for row in signing_in.join(AccountRole).where(holds)}
