"""One-time links: the first admin's, and those that set a new password. Only their hashes are stored."""

from dataclasses import dataclass
from datetime import datetime

from db.models.accounts import Account, AccountRole, SignInLink
from db.people.accounts.accounts import AccountCard, identity_of
from db.people.accounts.passwords import digest


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that was not used. Without an `account` it makes the first admin."""

    id: int
    account: AccountCard | None
    issued_by: str
    expires_at: datetime


def admin_exists() -> bool:
    """True when an active admin has a password, so that somebody can sign in and make the others."""
    return bool(
        Account.select()
        .join(AccountRole)
        .where(AccountRole.role == "admin", Account.active, Account.password_hash.is_null(False))
        .exists()
    )


def open_link(token: str) -> OpenLink | None:
    """The link of this token; None where there is none, or it was used."""
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
