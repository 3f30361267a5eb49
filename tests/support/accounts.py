"""Accounts as tests make and change them: by their number, in anybody's name."""

from db.models.accounts import Account, AccountRole
from plp.services.accounts import links
from plp.services.accounts.rights import change_account
from rules.people import MACHINE, Actor


def issue_link(now, name=None, hours=24, by=MACHINE):
    """A one-time link of this account, without a name for the first admin."""
    return links.issue_link(name, Actor.read(by), now, hours)


def redeem_link(token, name, password, now, address=""):
    """Use it."""
    return links.redeem_link(token, name, password, address, now)


def set_roles(account_id, roles, by, now):
    """Give it these roles and no others."""
    change_account(account_id, Actor.read(by), now, roles=roles)


def set_email(account_id, email, by, now):
    """Give it this address."""
    change_account(account_id, Actor.read(by), now, email=email)


def long_known(*names: str) -> None:
    """These accounts, without a name all, were confirmed long ago, and their roles hold."""
    whose = Account.name.in_(names) if names else Account.name != ""
    Account.update(maker="", approves_from_at=None).where(whose).execute()
    theirs = Account.select(Account.id).where(whose)
    AccountRole.update(holds_from_at=None).where(AccountRole.account.in_(theirs)).execute()
