"""The addresses of the API. Errors are JSON too: `{"error": a whole French sentence}`."""

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.exceptions import HTTPException

from console.api import metrics as figures
from console.api.bearer import bearer, loopback_or_token, token
from console.api.openapi import DOCUMENT
from console.api.orders import asked, order_of
from console.web.errors import why_unwritten
from console.web.page_header import forget_the_database
from console.web.roles import public
from db.alerts.orders.holding import hold_of
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE
from db.engine.health import is_damage
from db.modems.readiness import readiness
from db.modems.status import modem_cards
from plp.rules.numbers import masked
from plp.rules.refusals import Duplicate, KeyTaken, NotReady, OverLimit, Refusal, filled
from plp.rules.text_guard import FindingsRefused
from plp.services.contract_json import findings_shape, modems_shape, placed_shape, progress_shape
from plp.services.orders import at_once, place, without_mobile
from plp.services.texts import MissingText

blueprint = Blueprint("api", __name__)

LARGEST_ORDER_BYTES = 256 * 1024
WORDS = {
    400: "La demande n'a pas été comprise.",
    401: "Il faut un jeton valable dans l'en-tête Authorization: Bearer.",
    403: "Ce jeton n'a pas le rôle qu'il faut.",
    404: "Cela n'existe pas.",
    405: "Cette adresse ne connaît pas cette méthode.",
    413: "La demande est trop grande.",
    415: "Envoyez du JSON, avec Content-Type: application/json.",
}


@blueprint.post("/api/v1/broadcasts")
@public
@token("officer")
def order() -> ResponseReturnValue:
    wanted = asked(LARGEST_ORDER_BYTES)
    sending = at_once(current_app.config["PLP_SETTINGS"].sending)
    placed = place(wanted.texts, order_of(wanted, bearer()), sending, utc_now(), wanted.answers)
    shape = placed_shape(placed, without_mobile(wanted.audience))
    status = 202 if placed.state == "awaiting_approval" else 201
    return jsonify(shape), status, {"Location": f"/api/v1/broadcasts/{placed.id}"}


@blueprint.get("/api/v1/broadcasts/<int(max=9223372036854775807):broadcast_id>")
@public
@token("officer", "technician", "admin")
def broadcast(broadcast_id: int) -> ResponseReturnValue:
    found = progress(broadcast_id, utc_now())
    if found is None:
        return _sentence(404, f"L'envoi {broadcast_id} n'existe pas.")
    return jsonify(progress_shape(found, hold_of(broadcast_id)))


@blueprint.get("/api/v1/modems")
@public
@token("officer", "technician", "admin")
def modems() -> ResponseReturnValue:
    return jsonify(modems_shape(modem_cards(utc_now())))


@blueprint.get("/api/v1/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    return jsonify(DOCUMENT)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """A modem can send now."""
    state = readiness(utc_now())
    told = {"ready": state.ready, "state": state.code, "sentence": str(state.sentence)}
    return jsonify(told), 200 if state.ready else 503


@blueprint.get("/metrics")
@public
@loopback_or_token
def metrics() -> ResponseReturnValue:
    return Response(figures.exposition(utc_now()), content_type=CONTENT_TYPE_LATEST)


@blueprint.route("/api/", defaults={"rest": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@blueprint.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@public
def unknown(rest: str) -> ResponseReturnValue:
    """Programs get JSON, also where nothing is or where the method is not known."""
    return _sentence(404, "Cette adresse de l'API n'existe pas, ou pas avec cette méthode.")


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    answer = _sentence(status, WORDS.get(status, WORDS[400] if status < 500 else "Quelque chose n'a pas marché."))
    return (*answer, {"WWW-Authenticate": 'Bearer realm="plp"'}) if status == 401 else answer


@blueprint.errorhandler(Refusal)
def _refusal(refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, FindingsRefused | MissingText):
        return jsonify({"error": str(refusal), "findings": findings_shape(refusal)}), 422
    conflict = isinstance(refusal, Duplicate | KeyTaken | OverLimit | NotReady)
    # Programs log what they are answered, and a member's number belongs in no log.
    values = refusal.values | {name: masked(str(refusal.values[name])) for name in refusal.values if name == "number"}
    return _sentence(409 if conflict else 400, filled(refusal.template, values))


def _unavailable(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("the database failed an API request: %s", error)
    forget_the_database()
    return _sentence(503, why_unwritten(error))


for _error in UNAVAILABLE:
    blueprint.register_error_handler(_error, _unavailable)


@blueprint.errorhandler(Exception)
def _crash(error: Exception) -> ResponseReturnValue:
    if is_damage(error):
        return _unavailable(error)
    current_app.logger.error("an API request failed", exc_info=error)
    forget_the_database()
    return _sentence(500, "Quelque chose n'a pas marché ; le journal de la machine dit quoi.")


def _sentence(status: int, sentence: str) -> tuple[Response, int]:
    return jsonify({"error": sentence}), status
