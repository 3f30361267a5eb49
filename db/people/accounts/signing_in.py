"""Proving who one is by a password, and setting a new one."""

from datetime import datetime

from db.engine.base import folded_column
from db.engine.connection import writing
from db.journal import audit
from db.models.accounts import Account
from db.people.accounts.accounts import Identity, identity_of
from db.people.accounts.passwords import hashed, matches, renewed
from db.people.accounts.second_factor import factors
from db.people.accounts.sessions import end_sessions
from db.people.accounts.tries import give_back, take_try
from plp.rules.collation import folded
from plp.rules.people import Actor
from plp.rules.refusals import Refusal


def authenticate(name: str, password: str, address: str, now: datetime) -> Identity | None:
    """The account with this name and password, or None, then journalled. Raises TooManyTries before looking."""
    taken = take_try(name, address, now)
    # A phone's keyboard begins names with a capital: the case of a name keeps nobody out.
    account = Account.get_or_none(folded_column(Account.name) == folded(name))
    stored = account.password_hash if account and account.active else None
    right = matches(stored, password)
    with writing():
        if account is None or stored is None or not right:
            # Of an unknown name nothing is kept: it may be a password that was typed into the wrong field.
            by, subject = Actor("anonymous", address=address), account.name if account else ""
            wait_s = round(taken.wait.total_seconds()) or None
            audit.record_from(now, by, "sign_in_refused", subject, wait_s=wait_s)
            return None
        give_back(taken, now)
        new_hash = renewed(stored, password)
        if new_hash:
            Account.update(password_hash=new_hash).where(Account.id == account.id).execute()
    return identity_of(account)


def change_password(account_id: int, old: str, new: str, address: str, now: datetime) -> Identity:
    """A new password for who knows the old one; every session ends. Raises Refusal."""
    account = Account.get_by_id(account_id)
    if authenticate(account.name, old, address, now) is None:
        raise Refusal("Ancien mot de passe incorrect.")
    return write_password(account, new, Actor("account", account.name, address), now)


def write_password(account: Account, password: str, by: str, now: datetime) -> Identity:
    """Store a password and end the sessions of before. Raises Refusal."""
    account.password_hash = hashed(password, account.name, second_factor=bool(factors(account.id)))
    with writing():
        account.save()
        audit.record(now, by, "password_set", account.name)
        end_sessions(account.id, by, "password", now)
    return identity_of(account)
