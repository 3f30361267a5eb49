"""The signed-in person: one account, known by its id and by the key that every new password changes."""

import hmac
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, request
from flask_login import LoginManager, UserMixin, current_user, login_user

from db.people.accounts.accounts import Identity, identity
from plp.rules.people import Actor

# One long shift; flask's signed cookie carries its own date.
SHIFT = timedelta(hours=12)


class SignedIn(UserMixin):  # type: ignore[misc]
    """What flask-login carries around for one Identity."""

    def __init__(self, who: Identity) -> None:
        self.identity = who
        self.name = who.name
        self.roles = who.roles
        self.language = who.language

    def get_id(self) -> str:
        return f"{self.identity.id}.{self.identity.session_key}"


def init_sessions(app: Flask) -> None:
    """Cookie rules and the loader. The cookie ends with the browser, and after a shift at the latest."""
    app.config.update(
        PERMANENT_SESSION_LIFETIME=SHIFT,
        SESSION_COOKIE_NAME="plp",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    login = LoginManager(app)
    login.user_loader(_load)


def _load(session_id: str) -> SignedIn | None:
    account_id, _, key = session_id.partition(".")
    who = identity(int(account_id)) if account_id.isascii() and account_id.isdigit() else None
    if who is None or not hmac.compare_digest(who.session_key, key):
        return None
    return SignedIn(who)


def sign_in(who: Identity) -> None:
    """Open the session for this account."""
    login_user(SignedIn(who))


def actor() -> Actor:
    """Who asks, for the journal."""
    return Actor("account", current_user.name, request.remote_addr or "")


def own_page(target: str | None) -> str | None:
    """`target` when it is a path of this console, else None: a sign-in never leads elsewhere."""
    if not target or not target.startswith("/") or "\\" in target or any(ord(c) < 32 for c in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target
