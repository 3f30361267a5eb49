"""An account is closed, opened again or deleted, and its passwords are vouched for."""

from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.mail.readers import readdress_mail
from db.models.accounts import Account, SignInLink
from db.people.accounts.accounts import existing_account, identity_of, require_another_admin
from db.people.accounts.sessions import end_sessions
from db.people.accounts.tokens import revoke_tokens_of
from db.people.policy import second_person_refusal
from plp.rules.people import Actor, same_person
from plp.rules.refusals import Refusal


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


def confirm_account(account_id: int, by: Actor, now: datetime) -> None:
    """A second admin says that the owner has the password; it approves from now on. Raises Refusal."""
    with writing():
        account = existing_account(account_id)
        refusal = confirmation_refusal(account.name, account.password_by, by, now)
        if refusal is not None:
            raise refusal
        if account.approves_from_at is not None:
            Account.update(approves_from_at=None).where(Account.id == account_id).execute()
            audit.record_from(now, by, "account_confirmed", account.name)


def confirmation_refusal(name: str, password_by: str, by: str, now: datetime) -> Refusal | None:
    """The reason why `by` cannot confirm this account, with a password by a link of `password_by`; or None."""
    if same_person(by, name):
        return Refusal("Un autre administrateur doit confirmer votre compte.")
    return second_person_refusal(by, password_by, "admin", now)


def _end(account: Account, by: Actor, now: datetime) -> list[str]:
    """End what opens a door with it, and what waits to be written to it; returns the roles that it had."""
    end_sessions(account.id, by, "closed", now)
    revoke_tokens_of(account.name, by, now)
    SignInLink.delete().where(SignInLink.account == account.id, SignInLink.used_at.is_null()).execute()
    if account.email:
        readdress_mail(account.name, account.email, "", now)
    return sorted(identity_of(account).roles)
