"""The API's blueprint: every error is a problem (`console.i18n.problems`), and the caller is the holder of a token."""

import re
from collections.abc import Callable
from functools import wraps
from math import ceil
from time import time
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, g, request
from flask.typing import ResponseReturnValue
from limits import parse
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

from console.i18n.problems import NoRole, NoScope, problem, refused
from console.web.errors import page
from console.web.limits import is_noted, limiter
from console.web.roles import public
from db.engine.clock import utc_now
from db.people.accounts.sessions import TokenCard, end_of_token
from plp.services.accounts.rights import note_refused
from plp.services.accounts.signing_in import token_bearer
from plp.services.contract_json import findings_shape
from plp.services.texts import MissingText
from rules.numbers import masked
from rules.people import SCOPES, Actor, roles_with
from rules.refusals import Refusal
from rules.sentences import Sentence
from rules.text_guard import FindingsRefused

blueprint = Blueprint("api", __name__)

View = TypeVar("View", bound=Callable[..., Any])
# The capability that the holder of a token needs, for the table of endpoints.
CAPABILITY_OF_HOLDER = "plp_capability_of_holder"
# Of a token: ten a second in the mean.
MOST, WINDOW_S = 600, 60
LOOPBACK = ("127.0.0.1", "::1")
_RATE = parse(f"{MOST} per {WINDOW_S} seconds")
# The values of refusals that tell of a person, or may.
_PERSONAL, _NUMBERS = {"first", "last", "names", "email"}, {"number", "text", "digits"}
_FEWEST_DIGITS = 6
# Werkzeug takes a number that no row has for one of another method.
_NO_ROW = re.compile(r"/\d{19}")
_NO_ADDRESS = Sentence("Cette adresse de l'API n'existe pas.")
_ENDS = {
    "expired": Sentence("Ce jeton a expiré : demandez-en un nouveau à l'administrateur."),
    "revoked": Sentence("Ce jeton a été révoqué : demandez-en un nouveau à l'administrateur."),
}
_OF_PROXIES = {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"}


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> ResponseReturnValue:
    return problem(request, error.code or 500)


@blueprint.errorhandler(401)
def _stranger(_error: HTTPException) -> ResponseReturnValue:
    """Whoever holds a whole token may know how it ended; nothing is said of one that never was."""
    end = end_of_token(_presented(), utc_now())
    return problem(request, 401, _ENDS.get(end), f"token_{end}" if end else "")


@blueprint.app_errorhandler(404)
@blueprint.app_errorhandler(405)
def _nowhere(error: HTTPException) -> ResponseReturnValue:
    """A 404 of a view, and every address without one, or with another method; programs get JSON."""
    if not request.path.startswith("/api/"):
        return page(error.code or 404)
    if isinstance(error, MethodNotAllowed) and not _NO_ROW.search(request.path):
        answer = problem(request, 405)
        answer.allow.update(error.valid_methods or ())
        return answer
    return problem(request, 404, None if request.endpoint else _NO_ADDRESS)


@blueprint.errorhandler(Refusal)
def _refusal(refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, FindingsRefused | MissingText):
        place = {"field": f"texts.{refusal.languages[0]}"} if isinstance(refusal, MissingText) else {}
        return problem(request, 422, refusal, refusal.code, findings=findings_shape(refusal), **place)
    sentence = Sentence(refusal.template, {name: _unsaid(name, value) for name, value in refusal.values.items()})
    return refused(request, refusal, sentence)


def _unsaid(name: str, value: object) -> object:
    """Programs log what they are answered, and a person's name, address or number belongs in no log."""
    if name in _NUMBERS and sum(map(str.isdigit, str(value))) >= _FEWEST_DIGITS:
        return masked(str(value))
    return "…" if name in _PERSONAL else value


@blueprint.after_request
def _tell_rate(response: Response) -> Response:
    """A program sees what is left to it before it is refused (draft-ietf-httpapi-ratelimit-headers)."""
    if "bearer" in g:
        again_at, left = limiter.limiter.get_window_stats(_RATE, "token", str(g.bearer.id))
        wait_s = max(1, ceil(again_at - time()))  # rounded down, whoever waits so long would be refused again
        response.headers["RateLimit-Policy"] = f'"token";q={MOST};w={WINDOW_S}'
        response.headers["RateLimit"] = f'"token";r={left};t={wait_s}'
        if response.status_code == 429:
            response.headers["Retry-After"] = str(wait_s)
    return response


def token(scope: str) -> Callable[[View], View]:
    """Only a token for this scope, whose role has the capability; else 401, 403, or 429 where it asks too often."""

    def guarded(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            holder = g.bearer = _holder() or abort(401)
            if not limiter.limiter.hit(_RATE, "token", str(holder.id)):
                raise TooManyRequests
            _refuse_unless_for(scope, holder)
            return view(*args, **kwargs)

        setattr(checked, CAPABILITY_OF_HOLDER, SCOPES[scope])
        return public(checked)  # type: ignore[return-value]

    return guarded


def _refuse_unless_for(scope: str, holder: TokenCard) -> None:
    """403, with the program, its wish and its address in the journal."""
    roles, known = tuple(sorted(roles_with(SCOPES[scope]))), holder.scopes
    if holder.role in roles and scope in known:
        return
    if is_noted(actor()):
        note_refused(actor(), request.endpoint or "", utc_now())
    if holder.role not in roles:
        raise NoRole("Ce jeton a le rôle {role}. Il faut l'un de ces rôles : {roles}.", role=holder.role, roles=roles)
    raise NoScope("Ce jeton n'a pas la portée « {scope} ». Ses portées : {known}.", scope=scope, known=known)


def loopback_or_token(view: View) -> View:
    """From this machine itself, or with any token. Requests passed on by a proxy did not start here: they show it in a
    header, ask for another host's name, or use HTTP/1.0, which is nginx's default.
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


def bearer() -> TokenCard:
    """The holder that `token` let in."""
    holder: TokenCard = g.bearer
    return holder


def actor() -> Actor:
    """The holder of the token, for the journal."""
    return Actor("token", bearer().name, request.remote_addr or "")


def _presented() -> str:
    authorization = request.authorization
    return (authorization.token or "") if authorization and authorization.type == "bearer" else ""


def _holder() -> TokenCard | None:
    return token_bearer(_presented(), utc_now())
