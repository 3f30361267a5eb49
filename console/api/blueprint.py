"""The API's blueprint. Every error is JSON: `{"error": a whole French sentence}`."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from console.web.errors import logged, page, why_unwritten
from console.web.page_header import forget_the_database
from db.engine.connection import UNAVAILABLE
from db.engine.health import is_damage
from plp.rules.numbers import masked
from plp.rules.refusals import Duplicate, KeyTaken, Missing, NotReady, OverLimit, Refusal, WrongState, filled
from plp.rules.text_guard import FindingsRefused
from plp.services.contract_json import findings_shape
from plp.services.texts import MissingText

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


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    answer = sentence(status, WORDS.get(status, WORDS[400] if status < 500 else "Quelque chose n'a pas marché."))
    return (*answer, {"WWW-Authenticate": 'Bearer realm="plp"'}) if status == 401 else answer


@blueprint.app_errorhandler(404)
def _nowhere(error: HTTPException) -> ResponseReturnValue:
    """Also what no view was found for: a number that no row can have leads to none."""
    return _http(error) if request.path.startswith("/api/") else page(404)


def _status(refusal: Refusal) -> int:
    """404 for no such broadcast, 409 where it is refused as things stand, 400 for what was asked wrongly."""
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


def _unavailable(error: Exception) -> ResponseReturnValue:
    logged("the database failed an API request", error)
    forget_the_database()
    return sentence(503, why_unwritten(error))


for _error in UNAVAILABLE:
    blueprint.register_error_handler(_error, _unavailable)


@blueprint.errorhandler(Exception)
def _crash(error: Exception) -> ResponseReturnValue:
    if is_damage(error):
        return _unavailable(error)
    number = logged("an API request failed", error)
    forget_the_database()
    return sentence(500, f"Quelque chose n'a pas marché ; le journal de la machine dit quoi, sous le numéro {number}.")


def sentence(status: int, words: str) -> tuple[Response, int]:
    """An error's answer: `words` is the whole French sentence."""
    return jsonify({"error": words}), status
