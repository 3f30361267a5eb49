"""The signed-in person: the cookie holds a random id, the database the session that it opens. A browser in which
somebody signed in is known for `KNOWN_FOR`: attempts from elsewhere do not lock its owner out. It gives no access.
"""

import hashlib
import re
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask, Response, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.wrappers import Request

from console.web.acting import actor
from db.engine.clock import utc_now
from db.people.accounts.accounts import AccountCard
from db.people.accounts.passwords import KNOWN_FOR
from db.people.accounts.sessions import Ending
from plp.services.accounts.signing_in import Current, end_sessions, open_session, session_of
from rules.people import capabilities_of

# Browsers take "//x" and "/\x" for another host, and leave tabs and line ends out before they look.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
_COOKIE = "plp_device"


class _Cookies(SecureCookieSessionInterface):
    """Flask signs with SHA-1, which no new system should (OWASP ASVS 5.0, 11.4.1)."""

    digest_method = staticmethod(hashlib.sha256)


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person of one session, for flask-login."""

    def __init__(
        self, token: str, who: AccountCard, session_id: int | None = None, proven_at: datetime | None = None
    ) -> None:
        self._token = token
        self.session_id = session_id
        # When a second factor was last given in this session.
        self.proven_at = proven_at
        self.identity = who
        self.name = who.name
        self.roles = who.roles
        self.capabilities = capabilities_of(who.roles)
        self.language = who.language

    def get_id(self) -> str:
        return self._token


def init_sessions(app: Flask, tls: bool) -> None:
    """Cookie rules and the loader. The cookie ends with the browser; the end of the session is in the database."""
    app.config.update(
        # A browser takes this name from nobody else: no other host or port, and nothing in the clear.
        SESSION_COOKIE_NAME="__Host-plp" if tls else "plp",
        SESSION_COOKIE_SECURE=tls,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = _Cookies()
    LoginManager(app).user_loader(_load)


def _load(token: str) -> SignedIn | None:
    # What an open page asks by itself, every few seconds, would keep a session alive for ever. Typing posts.
    polls = request.method == "GET" and "HX-Request" in request.headers
    current: Current | None = session_of(token, utc_now(), acts=not polls)
    return None if current is None else SignedIn(token, current.who, current.id, current.proven_at)


def sign_in(who: AccountCard, proven: bool = False, device: str = "") -> None:
    """Open a session with a new id, `proven` with a second factor too; the earlier session is ended."""
    if current_user.is_authenticated:
        end_session("replaced")
    session.clear()
    login_user(SignedIn(open_session(who, request.remote_addr or "", utc_now(), proven, device), who))


def end_session(how: Ending) -> None:
    """End the session of this request."""
    end_sessions(current_user.identity.id, actor(), how, utc_now(), only=current_user.session_id)


def has_ended() -> bool:
    """True when this browser was signed in, and is no longer."""
    return "_user_id" in session and not current_user.is_authenticated


def own_page(target: str | None) -> str | None:
    """`target` when it is a path of this console, else None: a sign-in never leads elsewhere."""
    return target if target and _OWN_PATH.fullmatch(target) else None


def way_back() -> str:
    """The sign-in page that leads to where this person was; a live part names the page that it is on."""
    if "HX-Request" in request.headers:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = own_page(f"{page.path}?{page.query}".rstrip("?"))
    else:
        back = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    return url_for("entrance.login", next=None if back == "/" else back)


def is_signed_in(app: Flask, wanted: Request) -> bool:
    """True when this browser brings a session that only the console can have signed, whether it lasts still or not."""
    session = app.session_interface.open_session(app, wanted)  # type: ignore[arg-type]
    return session is not None and "_user_id" in session


def device_of(app: Flask, wanted: Request) -> str:
    """The random name of the browser that asks; empty for one in which nobody signed in lately."""
    if not app.secret_key:
        return ""
    try:
        return _signer(app).unsign(wanted.cookies.get(_name(app), ""), int(KNOWN_FOR.total_seconds())).decode()
    except BadSignature:
        return ""


def new_device() -> str:
    """A name for a browser."""
    return secrets.token_urlsafe(16)


def mark(app: Flask, answer: Response, device: str) -> None:
    """The browser that gets this answer has this name from now on."""
    signed = _signer(app).sign(device).decode()
    secure = app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(_name(app), signed, KNOWN_FOR, secure=secure, httponly=True, samesite="Lax")


def _name(app: Flask) -> str:
    return f"__Host-{_COOKIE}" if app.config["SESSION_COOKIE_SECURE"] else _COOKIE


def _signer(app: Flask) -> TimestampSigner:
    return TimestampSigner(app.secret_key or "", salt="plp device", key_derivation="hmac", digest_method=hashlib.sha256)
