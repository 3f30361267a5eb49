"""The API as programs read it (OpenAPI 3.1): made of the operations that are declared, and served."""

from importlib import import_module
from importlib.metadata import version
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from console.api.blueprint import blueprint
from console.api.operations import OPERATIONS, Operation
from console.api.schemas import SCHEMAS, TEXT, Schema, a_text, ref
from console.i18n.problems import MEDIA_TYPE
from console.web.roles import public
from rules.people import SCOPES

# Whoever reads the document sees them all.
for _name in ("broadcasts", "members", "inbox", "routes"):
    import_module(f"console.api.{_name}")

_REFUSED = {
    400: "not understood, or not possible as it stands",
    401: "no valid token: no_token, or token_expired and token_revoked for one that was",
    403: "the token's role or scopes do not allow it: `detail` names the roles, or the scope",
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
_MEDIA_TYPES = {_PLAIN: _PLAIN, "Problem": MEDIA_TYPE, "Findings": MEDIA_TYPE}
_RATE: Schema = {
    "RateLimit-Policy": {"description": "requests of a token (q) in so many seconds (w)", "schema": TEXT},
    "RateLimit": {"description": "requests left (r), and seconds until the whole number is back (t)", "schema": TEXT},
}
_OF_WEBHOOKS = [
    {"name": f"webhook-{name}", "in": "header", "required": True, "schema": a_text(words)}
    for name, words in (
        ("id", "the same when it is posted again: ignore one that you have"),
        ("timestamp", "seconds since 1970; refuse one of more than five minutes ago"),
        ("signature", "`v1,` and the base64 of HMAC-SHA256 over id.timestamp.body, with the key of `secret_file`"),
    )
]
_LATER: Schema = {"Retry-After": {"description": "seconds", "schema": TEXT}}


def _content(media_type: str, schema: Schema) -> Schema:
    return {"content": {media_type: {"schema": schema}}}


def _answer(words: str, schema: str) -> Schema:
    media_type = _MEDIA_TYPES.get(schema, "application/json")
    return {"description": words} | (_content(media_type, TEXT if schema == _PLAIN else ref(schema)) if schema else {})


def _responses(declared: Operation) -> Schema:
    refused = {status: (_REFUSED[status], "Problem") for status in declared.refused}
    shape = {str(status): _answer(*words) for status, words in {**declared.answers, **refused}.items()}
    if declared.scope:
        for status, answer in shape.items():
            answer["headers"] = {} if status == "401" else _RATE | (_LATER if status == "429" else {})
    return shape


def _operation(declared: Operation) -> Schema:
    shape: Schema = {"summary": declared.summary, "responses": _responses(declared), "security": declared.security}
    if declared.scope:
        shape |= {"description": f"Scope {declared.scope}.", "security": [{"token": [declared.scope]}]}
    if declared.parameters:
        shape["parameters"] = declared.parameters
    if declared.body:
        needed = bool(SCHEMAS[declared.body]["required"])
        shape["requestBody"] = {"required": needed} | _content("application/json", ref(declared.body))
    return shape


_SCOPES = "Bearer token of `plp token add`, made for scopes: " + ", ".join(SCOPES)
PATHS: Schema = {}
for _declared in OPERATIONS:
    PATHS.setdefault(_declared.path, {})[_declared.method.lower()] = _operation(_declared)
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "plp-alerte", "version": version("plp-alerte"), "license": {"name": "GPL-3.0-or-later"}},
    "paths": PATHS,
    "webhooks": {
        "event": {
            "post": {
                "summary": "An event, posted where config.ini wants it (docs/api.md); signed by Standard Webhooks",
                "parameters": _OF_WEBHOOKS,
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
