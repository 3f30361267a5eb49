"""The addresses of the API that are not about a broadcast."""

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from console.api import metrics as figures
from console.api.bearer import loopback_or_token, token
from console.api.blueprint import blueprint, sentence
from console.api.openapi import DOCUMENT
from console.web.roles import public
from db.engine.clock import utc_now
from db.modems.readiness import readiness
from db.modems.status import modem_cards
from plp.services.contract_json import modems_shape


@blueprint.get("/api/v1/modems")
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
@loopback_or_token
def metrics() -> ResponseReturnValue:
    return Response(figures.exposition(utc_now()), content_type=CONTENT_TYPE_LATEST)


@blueprint.route("/api/", defaults={"rest": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@blueprint.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@public
def unknown(rest: str) -> ResponseReturnValue:
    """Programs get JSON, also where nothing is or where the method is not known."""
    return sentence(404, "Cette adresse de l'API n'existe pas, ou pas avec cette méthode.")
