"""Addresses and numbers of accounts, and the accounts that are told when something is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.engine.connection import writing
from db.journal import audit
from db.mail.readers import readdress_mail
from db.models.accounts import Account, AccountRole
from db.people.members.saving import is_mail_address
from plp.rules.numbers import parse_mobile
from plp.rules.refusals import Refusal

# They look after the box; officers have the pages.
TOLD_ROLES = ("technician", "admin")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an account who is told of something by mail."""

    account_id: int
    name: str
    email: str


def checked_email(text: str | None) -> str | None:
    """The address as it is stored; None for none. Raises Refusal."""
    address = (text or "").strip()
    if address and not is_mail_address(address):
        raise Refusal("« {email} » n'est pas une adresse e-mail.", email=address[:60])
    return address or None


def set_email(account_id: int, email: str, by: str, now: datetime) -> bool:
    """Change where this account is written to; empty for nowhere. False where it was so. Raises Refusal."""
    address = checked_email(email)
    with writing():
        account = existing_account(account_id)
        if account.email and account.email != address:
            readdress_mail(account.name, account.email, address or "", now)
        return _changed(account, "email", address, by, now)


def set_mobile(account_id: int, mobile: str, by: str, now: datetime) -> bool:
    """Change the number for trial messages; empty for none. False where it was so. Raises Refusal."""
    msisdn = parse_mobile(mobile) if mobile.strip() else None
    with writing():
        return _changed(existing_account(account_id), "mobile", msisdn, by, now)


def _changed(account: Account, column: str, value: str | None, by: str, now: datetime) -> bool:
    if getattr(account, column) == value:
        return False
    Account.update({column: value}).where(Account.id == account.id).execute()
    audit.record_from(now, by, f"account_{column}_changed", account.name)
    return True


def existing_account(which: int | str) -> Account:
    """The row of an account, by its id or its name. Raises Refusal."""
    mine = Account.id == which if isinstance(which, int) else Account.name == which
    account: Account | None = Account.get_or_none(mine)
    if account is None and isinstance(which, str):
        raise Refusal("L'utilisateur « {name} » n'existe pas.", name=which)
    if account is None:
        raise Refusal("Cet utilisateur n'existe plus.")
    return account


def readers(*roles: str) -> list[Reader]:
    """The accounts with one of these roles that can be written to, by name."""
    rows = _active(roles).where(Account.email.is_null(False))
    return [Reader(row.id, row.name, row.email) for row in rows]


def unmailed() -> list[str]:
    """The names of technicians and admins whom no alarm reaches by mail."""
    return [row.name for row in _active(TOLD_ROLES).where(Account.email.is_null())]


def _active(roles: Sequence[str]) -> Any:
    with_role = AccountRole.select(AccountRole.account).where(AccountRole.role.in_(roles))
    found = Account.select(Account.id, Account.name, Account.email)  # the jobs' role may read no password
    return found.where(Account.active, Account.id.in_(with_role)).order_by(Account.name)
