"""Rights of roles on endpoints. Default-deny: an endpoint that says nothing about itself is refused to everybody."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

from flask import Flask, abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from console.web.acting import actor
from console.web.draft_recovery import kept_form, written_texts
from console.web.limits import is_noted
from console.web.session import way_back
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE
from db.journal import audit
from rules.people import ROLES, Actor

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = frozenset({"*"})
# The empty name stands for an account that has no role any more.
SIGNED_IN = frozenset({*ROLES, ""})
_MARK = "plp_access"


def public(view: View) -> View:
    """Anyone may ask. Also for a view that guards itself, as the API does with its bearer tokens."""
    setattr(view, _MARK, PUBLIC)
    return view


def roles(*names: str) -> Callable[[View], View]:
    """Only a signed-in account with one of these roles; put it right above the function."""
    unknown = set(names) - set(ROLES)
    if unknown or not names:
        raise ValueError(f"roles are {ROLES}, not {sorted(unknown)}")

    def mark(view: View) -> View:
        setattr(view, _MARK, frozenset(names))
        return view

    return mark


def signed_in(view: View) -> View:
    """Any signed-in account, whatever its roles, even without one."""
    setattr(view, _MARK, SIGNED_IN)
    return view


def access(endpoint: str) -> frozenset[str]:
    """The roles that may open `endpoint`: PUBLIC, a set of names, or the empty set (nobody)."""
    view = current_app.view_functions.get(endpoint)
    found: frozenset[str] = getattr(view, _MARK, frozenset())
    return found


def may_open(endpoint: str) -> bool:
    """True when the person who asks could open `endpoint`; False where it does not exist."""
    allowed = access(endpoint)
    if allowed is PUBLIC:
        return True
    person = current_user._get_current_object()  # a menu asks for thirty pages
    return bool(person.is_authenticated and allowed & (person.roles or {""}))


def refuse(by: Actor, endpoint: str) -> NoReturn:
    """403, with who asked for what and from where in the journal; a full disk keeps nobody from being refused."""
    if is_noted(by):
        with suppress(*UNAVAILABLE):
            audit.record_from(utc_now(), by, "access_refused", endpoint)
    abort(403)


def guard(app: Flask) -> None:
    """Ask before every request."""
    public(app.view_functions["static"])
    app.before_request(_refuse_strangers)


def _refuse_strangers() -> ResponseReturnValue | None:
    # No endpoint: the router answers 404 or 405 by itself.
    if request.endpoint is None or access(request.endpoint) is PUBLIC:
        return None
    if not current_user.is_authenticated:
        return _ask_to_sign_in()
    if not may_open(request.endpoint):
        refuse(actor(), request.endpoint)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    # A live part of an open page must not turn into the sign-in page, and what was typed there must survive.
    if "HX-Request" in request.headers:
        return render_template("admin/auth/ended.html", back=way_back()), 401
    kept, written = kept_form(), written_texts()
    if kept is not None or written:
        return render_template("web/stale.html", kept=kept, written=written), 401
    return redirect(way_back())
