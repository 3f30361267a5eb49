"""Accounts: who may sign in, with which roles; whom faults are told to; the person behind an act, and what two accounts
have in common. One-time links, of which only hashes are stored: the first admin's, and those that set a password.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from db.engine.base import card_of, folded_column, grouped, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.journal import audit
from db.models.accounts import Account, AccountRole, ApiToken, SecurityKey, SignInLink
from db.people.accounts.passwords import digest
from rules.collation import folded
from rules.orders.agreement import mark_of_reading
from rules.people import SETTLED_AFTER, Actor, persons, roles_with

# They look after the box; officers have the pages.
TOLD_ROLES = roles_with("hear_alarms")
_ACCOUNTS = Prepared(Account.select().order_by(Account.name))
_ROLES = Prepared(AccountRole.select().where(AccountRole.account == given("account")))


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody with an account who can be written to or called; `mobile` and `email` may be empty."""

    account_id: int
    name: str
    mobile: str
    email: str
    language: str
    roles: frozenset[str]


def contacts(which: Any) -> list[Contact]:
    """The active accounts of this condition, by name."""
    # The jobs' role may read no password.
    readable = Account.select(Account.id, Account.name, Account.mobile, Account.email, Account.language)
    rows = list(readable.where(which, Account.active).order_by(Account.name))
    held = AccountRole.select(AccountRole.account, AccountRole.role).where(
        AccountRole.account.in_([row.id for row in rows] or [0]), AccountRole.holds_from_at.is_null()
    )
    roles: dict[int, list[str]] = grouped(tuples(held))
    return [
        Contact(row.id, row.name, row.mobile or "", row.email or "", row.language, frozenset(roles.get(row.id, ())))
        for row in rows
    ]


def has_role(*roles: str) -> Any:
    """Condition on accounts: they hold one of these roles."""
    holds = AccountRole.role.in_(roles) & AccountRole.holds_from_at.is_null()
    return Account.id.in_(AccountRole.select(AccountRole.account).where(holds))


def readers(*roles: str) -> list[Contact]:
    """The accounts with one of these roles that can be written to, by name."""
    return [contact for contact in contacts(has_role(*roles)) if contact.email]


def unmailed() -> list[str]:
    """The names of technicians and admins whom no alarm reaches by mail."""
    return [contact.name for contact in contacts(has_role(*TOLD_ROLES)) if not contact.email]


def holds_any(name: str, roles: Sequence[str]) -> bool:
    """True while an active account of this name has one of the roles."""
    return Account.select(Account.id).where(Account.name == name, Account.active, has_role(*roles)).exists()


def able(role: str) -> set[int]:
    """The accounts with this role that can sign in."""
    signing_in = Account.select(Account.id).where(Account.active, Account.password_hash.is_null(False))
    return {account_id for (account_id,) in tuples(signing_in.where(has_role(role)))}


def admins_lately(now: datetime) -> set[str]:
    """The names of the admins who can sign in, or could a day ago: sending one away changes nothing at once."""
    lately = audit.since(now - SETTLED_AFTER, ("account_closed", "account_deleted", "roles_changed"))
    lost = {entry.subject for entry in lately if "admin" in cast(list[str], entry.detail.get("lost", []))}
    here = Account.select(Account.name).where(Account.id.in_(able("admin")))
    return lost | {name for (name,) in tuples(here)}


def has_second_admin(now: datetime) -> bool:
    """True when the zone has two admins, or had a day ago."""
    return len(admins_lately(now)) > 1


@dataclass(frozen=True, slots=True)
class AccountCard:
    """A person's account. `password_by` made its password's link; till `approves_from_at` it agrees to nothing. Till
    `officer_from_at` the role of officer, which `officer_by` gave, is not among its `roles`. Until somebody else
    confirms it, it counts as its `maker` where two people must agree.
    """

    id: int
    name: str
    roles: frozenset[str]
    active: bool
    mobile: str | None
    has_password: bool
    email: str | None = None
    language: str = "fr"
    password_by: str = ""
    approves_from_at: datetime | None = None
    maker: str = ""
    officer_from_at: datetime | None = None
    officer_by: str = ""

    @property
    def given_roles(self) -> frozenset[str]:
        """Its roles, and the one that waits."""
        return self.roles | {"officer"} if self.officer_from_at else self.roles

    @property
    def seen(self) -> str:
        """The mark of what another admin confirms: SQLite gives a deleted account's number to the next one."""
        return mark_of_reading(self.name, sorted(self.given_roles), self.mobile, self.email, self.maker)


def identity(account_id: int) -> AccountCard | None:
    """The active account of this id."""
    account = Account.get_or_none(Account.id == account_id, Account.active)
    return identity_of(account) if account else None


def accounts() -> list[AccountCard]:
    """All accounts, by name."""
    return [identity_of(row) for row in _ACCOUNTS.results()]


def unconfirmed_accounts(now: datetime) -> list[AccountCard]:
    """The active officers and admins whom somebody else than their maker should confirm, or whose role waits."""
    waits = AccountRole.select(AccountRole.account).where(AccountRole.holds_from_at > now)
    made = (Account.maker != "") & has_role("officer", "admin")
    rows = Account.select().where(Account.active, made | Account.id.in_(waits))
    return [identity_of(row) for row in rows.order_by(Account.name)]


def find_account(which: int | str) -> AccountCard | None:
    """The account of this id or name, active or not; of a name, however its letters are written."""
    named = folded_column(Account.name) == folded(which) if isinstance(which, str) else Account.id == which
    account = Account.get_or_none(named)
    return identity_of(account) if account is not None else None


def identity_of(row: Account) -> AccountCard:
    """The account of a row."""
    given_roles = _ROLES.results(account=row.id)
    waiting = next((role for role in given_roles if role.holds_from_at is not None), None)
    return card_of(
        AccountCard,
        row,
        roles=frozenset(row.role for row in given_roles if row.holds_from_at is None),
        has_password=row.password_hash is not None,
        officer_from_at=waiting.holds_from_at if waiting else None,
        officer_by=waiting.given_by if waiting else "",
    )


def stored_password(account_id: int) -> str | None:
    """The hash of the account's password; None where it has none, or is closed."""
    return Account.select(Account.password_hash).where(Account.id == account_id, Account.active).scalar() or None


def create_account(now: datetime, **values: object) -> int:
    """A new account; returns its id."""
    return int(Account.create(created_at=now, **values).id)


def change_account(account_id: int, **values: object) -> None:
    """Give the columns of an account these values."""
    with writing():
        Account.update(values).where(Account.id == account_id).execute()


def delete_account(account_id: int) -> None:
    """Forget it, with its roles, sessions and factors."""
    Account.delete().where(Account.id == account_id).execute()


def write_roles(account_id: int, roles: frozenset[str], by: str, now: datetime) -> None:
    """Give the account these roles and no others; roles that it already had are kept as granted."""
    AccountRole.delete().where(AccountRole.account == account_id, AccountRole.role.not_in(roles)).execute()
    kept = {row.role for row in _ROLES.results(account=account_id)}
    for role in sorted(roles - kept):
        AccountRole.create(account=account_id, role=role, given_by=by, given_at=now)


def let_officer_wait(account_id: int, until: datetime) -> None:
    """The account's role of officer holds from then on, or once a second admin confirms the account."""
    officer = (AccountRole.account == account_id) & (AccountRole.role == "officer")
    AccountRole.update(holds_from_at=until).where(officer).execute()


def mark_roles_due(account_id: int, now: datetime | None = None) -> bool:
    """Let roles hold that waited until `now`, without it all that wait; False for none."""
    due = AccountRole.holds_from_at.is_null(False) if now is None else AccountRole.holds_from_at <= now
    return bool(AccountRole.update(holds_from_at=None).where(AccountRole.account == account_id, due).execute())


@dataclass(frozen=True, slots=True)
class Standing:
    """An account, as one of two that must agree. `password_by` made its password's link; until `approves_from_at` it
    can approve nothing, and until it is confirmed it counts as its `maker`. `role_by` gave it the role in question.
    `marks` are its mobile, address and keys.
    """

    name: str
    password_by: str
    maker: str
    approves_from_at: datetime | None
    role_by: str
    role_at: datetime | None
    marks: frozenset[str]


def standing(name: str, role: str) -> Standing | None:
    """The account of this name, with its `role`; None for none."""
    known = (Account.id, Account.name, Account.mobile, Account.email)  # the jobs ask too, and may read no password
    rows = Account.select(*known, Account.approves_from_at, Account.password_by, Account.maker)
    account = rows.where(folded_column(Account.name) == folded(name)).first()
    if account is None:
        return None
    given = AccountRole.get_or_none(AccountRole.account == account.id, AccountRole.role == role)
    return card_of(
        Standing,
        account,
        role_by=given.given_by if given else "",
        role_at=given.given_at if given else None,
        marks=_marks(account),
    )


def persons_able(role: str) -> int:
    """The number of people with this role who can sign in, however many accounts they have."""
    rows = Account.select(Account.id, Account.mobile, Account.email).where(Account.id.in_(able(role)))
    return persons(map(_marks, rows))


def one_person_with(account_id: int) -> set[str]:
    """The names of the accounts that have a mark in common with this one."""
    rows = list(Account.select(Account.id, Account.name, Account.mobile, Account.email))
    own = next((_marks(row) for row in rows if row.id == account_id), frozenset())
    return {row.name for row in rows if row.id != account_id and own & _marks(row)}


def _marks(account: Account) -> frozenset[str]:
    """The mobile, address and keys of an account: another one with one of them is the same person's."""
    keys = tuples(SecurityKey.select(SecurityKey.credential).where(SecurityKey.account == account.id))
    marks = {account.mobile or "", (account.email or "").casefold(), *(credential for (credential,) in keys)}
    return frozenset(marks - {""})


def account_behind(stored: str) -> str | None:
    """The account of who acts: a token's owner, at a terminal the system user's; None where no person is known."""
    actor = Actor.read(stored)
    if actor.kind == "token":
        return ApiToken.select(ApiToken.owner).where(ApiToken.name == actor.name).scalar() or None
    if actor.kind == "terminal":
        return Account.select(Account.name).where(folded_column(Account.name) == folded(actor.name)).scalar() or None
    return actor.name if actor.kind == "account" else None


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that was not used. Without an `account` it makes the first admin."""

    id: int
    account: AccountCard | None
    issued_by: str
    expires_at: datetime


def admin_exists() -> bool:
    """True when an admin can sign in and make the other accounts."""
    return bool(able("admin"))


def open_link(token: str) -> OpenLink | None:
    """The link of this token; None if unknown or used."""
    row = SignInLink.get_or_none(SignInLink.token_hash == digest(token), SignInLink.used_at.is_null())
    if row is None:
        return None
    return OpenLink(row.id, identity_of(row.account) if row.account else None, row.issued_by, row.expires_at)


def keep_link(token: str, account_id: int | None, expires_at: datetime, by: str) -> None:
    """Keep a new link; older ones for the same purpose end."""
    delete_links(account_id)
    SignInLink.create(token_hash=digest(token), account=account_id, expires_at=expires_at, issued_by=by)


def delete_links(account_id: int | None) -> None:
    """End the unused links of this account, without one those for the first admin."""
    mine = SignInLink.account.is_null() if account_id is None else SignInLink.account == account_id
    SignInLink.delete().where(mine, SignInLink.used_at.is_null()).execute()


def mark_link_used(link_id: int, now: datetime) -> None:
    """It opens nothing from now on."""
    SignInLink.update(used_at=now).where(SignInLink.id == link_id).execute()
