"""An account is opened by a one-time link (the first admin's, and one that sets a new password), closed, opened again,
or deleted; and its passwords are vouched for.
"""

import secrets
from datetime import datetime, timedelta

from db.engine.connection import writing
from db.journal import audit
from db.mail.readers import readdress_mail
from db.models.accounts import Account, AccountRole, SignInLink
from db.people.accounts.accounts import (
    AccountCard,
    account_card,
    add_account,
    existing_account,
    identity_of,
    require_another_admin,
)
from db.people.accounts.passwords import digest
from db.people.accounts.sessions import end_sessions
from db.people.accounts.signing_in import write_password
from db.people.accounts.tokens import revoke_tokens_of
from rules.people import MACHINE, SETTLED_AFTER, Actor, same_person
from rules.refusals import Refusal

FIRST_ADMIN_ROLES = ("admin", "officer", "technician")


def admin_exists() -> bool:
    """True when an active admin has a password, so that somebody can sign in and make the others."""
    return bool(
        Account.select()
        .join(AccountRole)
        .where(AccountRole.role == "admin", Account.active, Account.password_hash.is_null(False))
        .exists()
    )


def issue_link(now: datetime, account_name: str | None = None, hours: int = 24, by: str = MACHINE) -> str:
    """A new one-time token; older ones for the same purpose end."""
    account = None
    if account_name is not None:
        account = Account.get_or_none(Account.name == account_name, Account.active)
        if account is None:
            raise Refusal("L'utilisateur « {name} » n'existe pas.", name=account_name)
    token = secrets.token_urlsafe(32)
    with writing():
        same = SignInLink.account == account.id if account else SignInLink.account.is_null()
        SignInLink.delete().where(same, SignInLink.used_at.is_null()).execute()
        ends = now + timedelta(hours=hours)
        SignInLink.create(token_hash=digest(token), account=account, expires_at=ends, issued_by=by)
        audit.record_from(now, by, "link_issued", account_name or "")
    return token


def link_owner(token: str, now: datetime) -> tuple[str | None, str]:
    """The name of the account whose password this link sets, None for the first admin's; and who made it. Raises
    Refusal when it is unknown, used or too old.
    """
    link = _open_link(token, now)
    return (link.account.name if link.account else None), link.issued_by


def redeem_link(token: str, name: str, password: str, now: datetime, address: str = "") -> AccountCard:
    """Set the password, or make the first admin `name`, and use the link up.

    Whoever made the link may have used it: unless that is the owner, the account agrees to nothing for a day. Its own
    link ends no such day, since whoever used the one before can make it.
    """
    with writing():
        link = _open_link(token, now)
        SignInLink.update(used_at=now).where(SignInLink.id == link.id).execute()
        by = Actor("account", link.account.name if link.account else name.strip(), address)
        audit.record_from(now, by, "link_used", by.name, issued_by=link.issued_by)
        if link.account:
            if not same_person(link.issued_by, by):
                link.account.password_by, link.account.approves_from_at = link.issued_by, now + SETTLED_AFTER
            return write_password(link.account, password, by, now)
        account_id = add_account(name, FIRST_ADMIN_ROLES, password, name.strip(), now)
        audit.record(now, name.strip(), "first_admin")
        return account_card(account_id)


def _open_link(token: str, now: datetime) -> SignInLink:
    link: SignInLink | None = SignInLink.get_or_none(SignInLink.token_hash == digest(token))
    if link is None or link.used_at is not None or (link.account is None and admin_exists()):
        raise Refusal("Ce lien n'est pas valable ou a déjà servi. Demandez-en un nouveau à l'administrateur.")
    if link.expires_at <= now:
        raise Refusal("Ce lien a expiré. Demandez-en un nouveau à l'administrateur.")
    return link


def close_account(account_id: int, by: Actor, now: datetime) -> None:
    """Nobody signs in with it from now on; its sessions, tokens and links end. Raises Refusal for the last admin."""
    with writing():
        account = existing_account(account_id)
        require_another_admin(account_id)
        if account.active:
            lost = _end(account, by, now)
            Account.update(active=False).where(Account.id == account_id).execute()
            audit.record_from(now, by, "account_closed", account.name, lost=lost)


def reopen_account(account_id: int, by: Actor, now: datetime) -> None:
    """It may sign in again, with the password that it had. Its tokens stay revoked."""
    with writing():
        account = existing_account(account_id)
        if not account.active:
            Account.update(active=True).where(Account.id == account_id).execute()
            audit.record_from(now, by, "account_opened", account.name)


def delete_account(account_id: int, by: Actor, now: datetime) -> None:
    """Forget it; the journal keeps the name, which nobody gets again. Raises Refusal for the last admin."""
    with writing():
        account = existing_account(account_id)
        require_another_admin(account_id)
        lost = _end(account, by, now)
        Account.delete().where(Account.id == account_id).execute()
        audit.record_from(now, by, "account_deleted", account.name, lost=lost)


def mark_confirmed(account_id: int, by: Actor, now: datetime) -> None:
    """A second admin says that the owner has the password, and may be an officer (`plp.services.accounts` asks who):
    it approves and alerts from now on.
    """
    with writing():
        account = existing_account(account_id)
        waits = AccountRole.update(holds_from_at=None).where(
            AccountRole.account == account_id, AccountRole.holds_from_at.is_null(False)
        )
        if waits.execute() or account.approves_from_at is not None:
            Account.update(approves_from_at=None).where(Account.id == account_id).execute()
            audit.record_from(now, by, "account_confirmed", account.name)


def _end(account: Account, by: Actor, now: datetime) -> list[str]:
    """End what opens a door with it, and what waits to be written to it; returns the roles that it had."""
    end_sessions(account.id, by, "closed", now)
    revoke_tokens_of(account.name, by, now)
    SignInLink.delete().where(SignInLink.account == account.id, SignInLink.used_at.is_null()).execute()
    if account.email:
        readdress_mail(account.name, account.email, "", now)
    return sorted(identity_of(account).roles)
