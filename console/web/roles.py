"""The capability that a person needs to open an endpoint. Default-deny: one that names none is refused to everybody."""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from flask import Flask, abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from console.web.acting import actor
from console.web.draft_recovery import kept_form, written_texts
from console.web.limits import is_noted
from console.web.session import way_back
from db.engine.clock import utc_now
from plp.services.accounts.rights import note_refused
from rules.people import CAPABILITIES, Actor

View = TypeVar("View", bound=Callable[..., Any])

# In place of a capability: anyone, and whoever is signed in, even without a role.
PUBLIC, SIGNED_IN = "*", "signed in"
_MARK = "plp_needs"


def needs(capability: str, change: str = "") -> Callable[[View], View]:
    """Marks a view: only for a signed-in account with this capability (`rules/capabilities.toml`), or for SIGNED_IN or
    PUBLIC; where `change` is given, a form of the page that is posted needs that one.
    """
    if unknown := {capability, change or capability} - {PUBLIC, SIGNED_IN, *CAPABILITIES}:
        raise ValueError(f"no capability of rules/capabilities.toml: {sorted(unknown)}")

    def mark(view: View) -> View:
        setattr(view, _MARK, (capability, change or capability))
        return view

    return mark


# For a view that guards itself, as the API does with its bearer tokens.
public = needs(PUBLIC)


def needed(endpoint: str, method: str = "GET") -> str:
    """The capability that `endpoint` needs, PUBLIC, SIGNED_IN, or empty: then it is refused to everybody."""
    see, change = getattr(current_app.view_functions.get(endpoint), _MARK, ("", ""))
    return str(see if method in ("GET", "HEAD") else change)


def can(capability: str) -> bool:
    """True when the present person has this capability."""
    person = current_user._get_current_object()  # a menu asks for thirty pages
    return bool(person.is_authenticated and (capability == SIGNED_IN or capability in person.capabilities))


def may_open(endpoint: str, method: str = "GET") -> bool:
    """True when the present person could open `endpoint`; False where it does not exist."""
    capability = needed(endpoint, method)
    return capability == PUBLIC or can(capability)


def refuse(by: Actor, endpoint: str) -> NoReturn:
    """403; the journal records who tried to open what and from where. The refusal works even with a full disk."""
    if is_noted(by):
        note_refused(by, endpoint, utc_now())
    abort(403)


def guard(app: Flask) -> None:
    """Ask before every request."""
    public(app.view_functions["static"])
    app.jinja_env.globals["can"] = can
    app.before_request(_refuse_strangers)


def _refuse_strangers() -> ResponseReturnValue | None:
    # No endpoint: the router answers 404 or 405 by itself.
    if request.endpoint is None or needed(request.endpoint, request.method) == PUBLIC:
        return None
    if not current_user.is_authenticated:
        # A live part of an open page must not turn into the sign-in page, and what was typed in it must survive.
        if "HX-Request" in request.headers:
            return render_template("admin/auth/ended.html", back=way_back()), 401
        kept, written = kept_form(), written_texts()
        if kept is not None or written:
            return render_template("web/stale.html", kept=kept, written=written), 401
        return redirect(way_back())
    if not may_open(request.endpoint, request.method):
        refuse(actor(), request.endpoint)
    return None
