"""The API as programs read it (OpenAPI 3.1): made of the operations that are declared, and served."""

from importlib import import_module
from importlib.metadata import version
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from console.api.blueprint import blueprint
from console.api.operations import OPERATIONS, Operation
from console.api.schemas import SCHEMAS, TEXT, Schema, ref
from console.i18n.problems import MEDIA_TYPE
from console.web.roles import public
from rules.people import SCOPES

# Whoever reads the document sees them all.
for _name in ("broadcasts", "members", "inbox", "routes"):
    import_module(f"console.api.{_name}")

_REFUSED = {
    400: "not understood, or not possible as asked",
    401: "no valid token",
    403: "the token's role or scopes do not allow it",
    404: "nothing has this number",
    409: "refused as things stand, which `code` tells: a duplicate, a key that ordered something else, a ceiling, no"
    " modem that could send, a state that does not allow it, something newer; nothing was done",
    410: "what follows this number is no longer known: begin again at 0",
    413: "the body is too large",
    415: "the body is not JSON",
    429: "too many requests of this token; Retry-After says when",
    503: "the database cannot be read or written now, or too many wait; nothing was done",
}
_PLAIN = "text/plain"
_RATE: Schema = {
    "RateLimit-Policy": {"description": "requests of a token (q) in so many seconds (w)", "schema": TEXT},
    "RateLimit": {"description": "requests left (r), and seconds until all are there again (t)", "schema": TEXT},
}
_LATER: Schema = {"Retry-After": {"description": "seconds", "schema": TEXT}}


def _content(media_type: str, schema: Schema) -> Schema:
    return {"content": {media_type: {"schema": schema}}}


def _answer(words: str, schema: str) -> Schema:
    if schema == _PLAIN:
        return {"description": words} | _content(_PLAIN, TEXT)
    return {"description": words} | (_content("application/json", ref(schema)) if schema else {})


def _responses(declared: Operation) -> Schema:
    good = {str(status): _answer(*told) for status, told in declared.answers.items() if told[1] != "Findings"}
    found = {s: told for s, told in declared.answers.items() if told[1] == "Findings"}
    bad = {str(s): {"description": words} | _content(MEDIA_TYPE, ref(schema)) for s, (words, schema) in found.items()}
    bad |= {str(s): {"description": _REFUSED[s]} | _content(MEDIA_TYPE, ref("Problem")) for s in declared.refused}
    if declared.scope:
        for status, told in (good | bad).items():
            told["headers"] = {} if status == "401" else _RATE | (_LATER if status == "429" else {})
    return good | bad


def _operation(declared: Operation) -> Schema:
    told: Schema = {"summary": declared.summary, "responses": _responses(declared)}
    if declared.scope:
        told["description"] = f"Scope {declared.scope}."
        told["security"] = [{"token": [declared.scope]}]
    else:
        told["security"] = declared.security
    if declared.parameters:
        told["parameters"] = declared.parameters
    if declared.body:
        told["requestBody"] = {"required": declared.body_needed} | _content("application/json", ref(declared.body))
    return told


def _paths() -> Schema:
    paths: Schema = {}
    for declared in OPERATIONS:
        paths.setdefault(declared.path, {})[declared.method.lower()] = _operation(declared)
    return paths


_SCOPES = "Bearer token of `plp token add`, made for scopes: " + ", ".join(SCOPES)
PATHS = _paths()
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "plp-alerte", "version": version("plp-alerte"), "license": {"name": "GPL-3.0-or-later"}},
    "paths": PATHS,
    "webhooks": {
        "event": {
            "post": {
                "summary": "An event, posted where config.ini wants it (docs/api.md); signed by Standard Webhooks",
                "requestBody": {"required": True} | _content("application/json", ref("Posted")),
                "responses": {"2XX": {"description": "accepted; any other status, and it comes again"}},
            }
        }
    },
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _SCOPES}},
    },
    "security": [{"token": []}],
}


@blueprint.get("/api/v1/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    return jsonify(DOCUMENT)
