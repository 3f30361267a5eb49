"""The API's blueprint. Every error is JSON: `{"error": a whole French sentence}`. Who asks is who holds the token of
the header: a cookie opens nothing here.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from console.web.errors import page
from console.web.roles import public, refuse
from db.engine.clock import utc_now
from db.people.accounts.tokens import TokenCard
from plp.services.accounts.tokens import token_bearer
from plp.services.contract_json import findings_shape
from plp.services.texts import MissingText
from rules.numbers import masked
from rules.people import Actor, roles_with
from rules.refusals import Duplicate, KeyTaken, Missing, NotReady, OverLimit, Refusal, WrongState, filled
from rules.text_guard import FindingsRefused

blueprint = Blueprint("api", __name__)

WORDS = {
    400: "La demande n'a pas été comprise.",
    401: "Il faut un jeton valable dans l'en-tête Authorization: Bearer.",
    403: "Ce jeton n'a pas le rôle qu'il faut.",
    404: "Cela n'existe pas.",
    405: "Cette adresse ne connaît pas cette méthode.",
    413: "La demande est trop grande.",
    415: "Envoyez du JSON, avec Content-Type: application/json.",
}
View = TypeVar("View", bound=Callable[..., Any])
# What the holder of a token needs, for the table of endpoints.
NEEDS_OF_TOKEN = "plp_needs_of_token"  # noqa: S105 - the name of an attribute
LOOPBACK = ("127.0.0.1", "::1")
_OF_PROXIES = {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"}


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    answer = sentence(status, WORDS.get(status, WORDS[400] if status < 500 else "Quelque chose n'a pas marché."))
    return (*answer, {"WWW-Authenticate": 'Bearer realm="plp"'}) if status == 401 else answer


@blueprint.app_errorhandler(404)
def _nowhere(error: HTTPException) -> ResponseReturnValue:
    """Answers addresses without a view as well, such as a number that no row can have."""
    return _http(error) if request.path.startswith("/api/") else page(404)


def _status(refusal: Refusal) -> int:
    """404 for no such broadcast, 409 where it is refused as things stand, 400 for a wrong request."""
    if isinstance(refusal, Missing):
        return 404
    return 409 if isinstance(refusal, Duplicate | KeyTaken | OverLimit | NotReady | WrongState) else 400


@blueprint.errorhandler(Refusal)
def _refusal(refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, FindingsRefused | MissingText):
        return jsonify({"error": str(refusal), "findings": findings_shape(refusal)}), 422
    # Programs log what they are answered, and a member's number belongs in no log.
    values = refusal.values | {name: masked(str(refusal.values[name])) for name in refusal.values if name == "number"}
    return sentence(_status(refusal), filled(refusal.template, values))


def sentence(status: int, words: str) -> tuple[Response, int]:
    """An error's answer: `words` is the whole French sentence."""
    return jsonify({"error": words}), status


def token(capability: str) -> Callable[[View], View]:
    """Only a token whose role has this capability: 401 without a valid one, 403 for another role."""
    roles = roles_with(capability)

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

        setattr(checked, NEEDS_OF_TOKEN, capability)
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


def bearer() -> TokenCard:
    """The holder that `token` let in."""
    holder: TokenCard = g.bearer
    return holder


def actor() -> Actor:
    """The holder of the token, for the journal."""
    return Actor("token", bearer().name, request.remote_addr or "")


def _holder() -> TokenCard | None:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        return None
    return token_bearer(authorization.token, utc_now())
