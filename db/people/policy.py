"""The zone's policy: who must agree to an alert, how long it can be undone, when it is night, what an SMS costs; and
a change of it that waits for a second admin.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from db.engine.base import card_of
from db.engine.cached_queries import Prepared
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.models.accounts import Account, AccountRole
from db.models.policy import PolicyProposal, ZonePolicy
from rules.people import SETTLED_AFTER
from rules.refusals import Refusal

Agreement = Literal["none", "typed", "second"]
AGREEMENTS: tuple[Agreement, ...] = ("none", "typed", "second")

APPROVAL_WITHIN = timedelta(minutes=15)
# More people, more seconds to see the mistake; longer than a minute nobody sits and looks.
UNDO_STEPS = ((50, 1), (500, 2))
UNDO_MOST = 3
UNDO_CAP_S = 60


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy in force. Hours are of the zone's clock; the price is in thousandths of a euro per part."""

    approval: Agreement = "typed"
    undo_grows: bool = True
    night_from_hour: int = 22
    night_to_hour: int = 7
    sms_price_millieuros: int | None = None
    second_factor: bool = False

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


_IN_FORCE = Prepared(ZonePolicy.select().limit(1))


def begin_policy(first: Policy) -> None:
    """Store the policy of a new zone. Joins the caller's `writing()`."""
    ZonePolicy.create(**asdict(first))


def save_policy(wanted: Policy, by: str, now: datetime) -> bool:
    """Write it, or False: it waits for the second of two admins. Raises Refusal for what could not be lived with."""
    _check(wanted)
    with writing():
        take_turn("policy")
        before = asdict(policy())
        changed = {name: value for name, value in asdict(wanted).items() if value != before[name]}
        if changed and has_second_admin(now):
            PolicyProposal.delete().execute()
            PolicyProposal.create(changes=json.dumps(changed), asked_by=by, asked_at=now)
            asked = {name: [before[name], value] for name, value in changed.items()}
            audit.record_from(now, by, "policy_asked", "", changed=asked)
            return False
        _apply(changed, by, now)
    return True


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """A change that waits for a second admin: `wanted` is what would hold."""

    wanted: Policy
    asked_by: str
    asked_at: datetime


def policy_request() -> PolicyRequest | None:
    """The change that waits; None where none does."""
    row = next(iter(_PROPOSED.results()), None)
    return None if row is None else PolicyRequest(_with(row), row.asked_by, row.asked_at)


_PROPOSED = Prepared(PolicyProposal.select().limit(1))


def apply_policy_request(by: str, now: datetime) -> None:
    """Put the change that waits in force (`plp.services.second_person` asks who agrees). Raises Refusal."""
    with writing():
        take_turn("policy")
        row = _waiting()
        _check(_with(row))
        _apply(json.loads(row.changes), by, now)
        row.delete_instance()


def drop_policy(by: str, now: datetime) -> None:
    """Refuse it, or withdraw it. Raises Refusal."""
    with writing():
        take_turn("policy")
        _waiting().delete_instance()
        audit.record_from(now, by, "policy_dropped")


def _waiting() -> PolicyProposal:
    row: PolicyProposal | None = PolicyProposal.select().first()
    if row is None:
        raise Refusal("Aucune modification des règles n'est en attente de validation.")
    return row


def _with(row: PolicyProposal) -> Policy:
    return replace(policy(), **json.loads(row.changes))


def _apply(changed: dict[str, Any], by: str, now: datetime) -> None:
    if not changed:
        return
    row = ZonePolicy.select().first() or ZonePolicy()
    both = {name: [getattr(row, name), value] for name, value in changed.items()}
    audit.record_from(now, by, "policy_changed", "", changed=both)
    for name, value in changed.items():
        setattr(row, name, value)
    row.changed_by, row.changed_at = by, now
    row.save()


def _check(wanted: Policy) -> None:
    if wanted.approval not in AGREEMENTS:
        raise Refusal("Choisissez la confirmation exigée : aucune, nombre à taper, ou validation par un collègue.")
    for hour in (wanted.night_from_hour, wanted.night_to_hour):
        if not 0 <= hour <= 23:
            raise Refusal("{hour} n'est pas une heure : donnez un nombre de 0 à 23.", hour=hour)
    if wanted.sms_price_millieuros is not None and not 0 < wanted.sms_price_millieuros <= 10_000:
        raise Refusal("Le prix d'un SMS doit être entre 0,001 et 10 euros.")
    if wanted.approval == "second" and len(able("officer")) < 2:
        raise Refusal(
            "La validation par un collègue exige au moins deux policiers avec un mot de passe. Ajoutez-"
            "en un dans Utilisateurs, puis revenez ici."
        )


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
