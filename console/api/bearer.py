"""The holder of a request's token. Only the header counts: a cookie opens nothing here."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import abort, g, request

from console.web.roles import public, refuse
from db.engine.clock import utc_now
from db.people.accounts.tokens import Bearer, token_bearer
from plp.rules.people import Actor

View = TypeVar("View", bound=Callable[..., Any])
LOOPBACK = ("127.0.0.1", "::1")
_OF_PROXIES = {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"}


def token(*roles: str) -> Callable[[View], View]:
    """Only a token of one of these roles: 401 without a valid one, 403 for another role."""

    def guarded(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            holder = _holder()
            if holder is None:
                abort(401)
            g.bearer = holder
            if holder.role not in roles:
                refuse(actor(), request.endpoint or "")
            return view(*args, **kwargs)

        return public(checked)  # type: ignore[return-value]

    return guarded


def loopback_or_token(view: View) -> View:
    """From this machine itself, or with any token. Requests passed on by a proxy did not start here: they say so in a
    header, ask for another host's name, or speak HTTP/1.0, as nginx does when nobody tells it otherwise.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if (request.remote_addr not in LOOPBACK or _is_passed_on()) and _holder() is None:
            abort(401)
        return view(*args, **kwargs)

    return public(checked)  # type: ignore[return-value]


def _is_passed_on() -> bool:
    headers = {name.lower() for name, _value in request.headers}
    marked = headers & _OF_PROXIES or any(name.startswith("x-forwarded") for name in headers)
    host = urlsplit(f"//{request.host}").hostname
    return bool(marked) or host not in (*LOOPBACK, "localhost") or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"


def bearer() -> Bearer:
    """The holder that `token` let in."""
    holder: Bearer = g.bearer
    return holder


def actor() -> Actor:
    """The same, for the journal."""
    return Actor("token", bearer().name, request.remote_addr or "")


def _holder() -> Bearer | None:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        return None
    return token_bearer(authorization.token, utc_now())
