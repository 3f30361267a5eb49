"""Accounts: who may sign in, with which roles, their addresses and numbers; and those that are informed of faults."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.engine.base import card_of, folded_column
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.models.accounts import Account, AccountRole
from rules.collation import folded
from rules.people import roles_with

# They look after the box; officers have the pages.
TOLD_ROLES = roles_with("hear_alarms")
_ROLES = Prepared(AccountRole.select().where(AccountRole.account == given("account")))


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an account who is informed by mail."""

    account_id: int
    name: str
    email: str


def readers(*roles: str) -> list[Reader]:
    """The accounts with one of these roles that can be written to, by name."""
    rows = _active(roles).where(Account.email.is_null(False))
    return [Reader(row.id, row.name, row.email) for row in rows]


def unmailed() -> list[str]:
    """The names of technicians and admins whom no alarm reaches by mail."""
    return [row.name for row in _active(TOLD_ROLES).where(Account.email.is_null())]


def _active(roles: Sequence[str]) -> Any:
    with_role = AccountRole.select(AccountRole.account).where(
        AccountRole.role.in_(roles), AccountRole.holds_from_at.is_null()
    )
    rows = Account.select(Account.id, Account.name, Account.email)  # the jobs' role may read no password
    return rows.where(Account.active, Account.id.in_(with_role)).order_by(Account.name)


def holds_any(name: str, roles: Sequence[str]) -> bool:
    """True while an active account of this name has one of the roles."""
    return bool(_active(roles).where(Account.name == name).exists())


@dataclass(frozen=True, slots=True)
class AccountCard:
    """A person's account. `password_by` made its password's link; till `approves_from_at` it agrees to nothing. Till
    `officer_from_at` the role of officer, which `officer_by` gave, is not among its `roles`.
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
    officer_from_at: datetime | None = None
    officer_by: str = ""

    @property
    def given_roles(self) -> frozenset[str]:
        """Its roles, and the one that waits."""
        return self.roles | {"officer"} if self.officer_from_at else self.roles


def identity(account_id: int) -> AccountCard | None:
    """The active account of this id."""
    account = Account.get_or_none(Account.id == account_id, Account.active)
    return identity_of(account) if account else None


def accounts() -> list[AccountCard]:
    """All accounts, by name."""
    return [identity_of(row) for row in Account.select().order_by(Account.name)]


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
    row = Account.get_or_none(Account.id == account_id, Account.active)
    return row.password_hash if row is not None else None


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
    """Let a role that waited until `now` hold, without it each that waits; False where there was none."""
    due = AccountRole.holds_from_at.is_null(False) if now is None else AccountRole.holds_from_at <= now
    return bool(AccountRole.update(holds_from_at=None).where(AccountRole.account == account_id, due).execute())
