"""Who may sign in: accounts, their roles, one-time links, and the API's bearer tokens."""

from db.accounts.links import LinkOwner, admin_exists, issue_link, link_owner, redeem_link
from db.accounts.mailing import Reader, alarm_readers, set_email, unmailed
from db.accounts.people import (
    AccountCard,
    Identity,
    accounts,
    add_account,
    authenticate,
    change_password,
    check_password,
    identity,
    set_language,
    set_roles,
)
from db.accounts.tokens import Bearer, add_token, token_bearer
from db.models import ROLES

__all__ = [
    "ROLES",
    "AccountCard",
    "Bearer",
    "Identity",
    "LinkOwner",
    "Reader",
    "accounts",
    "add_account",
    "add_token",
    "admin_exists",
    "alarm_readers",
    "authenticate",
    "change_password",
    "check_password",
    "identity",
    "issue_link",
    "link_owner",
    "redeem_link",
    "set_email",
    "set_language",
    "set_roles",
    "token_bearer",
    "unmailed",
]
