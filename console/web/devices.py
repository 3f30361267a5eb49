"""Browsers in which somebody signed in, known for as long as `KNOWN_FOR`: attempts on that name from elsewhere do not
lock its owner out of them. The mark alone gives no access."""

import hashlib
import secrets

from flask import Flask, Response
from itsdangerous import BadSignature, TimestampSigner
from werkzeug.wrappers import Request

from db.people.accounts.passwords import KNOWN_FOR

_COOKIE = "plp_device"


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
