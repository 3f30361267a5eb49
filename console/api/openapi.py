"""The API told to programs (OpenAPI 3.1), kept by hand; a test holds it against real answers."""

from importlib.metadata import version
from typing import Any, get_args

from db.modems.judgement import Code
from plp.rules.people import LANGUAGES
from plp.rules.states import PartState, Stage
from plp.rules.text_guard import Kind

Schema = dict[str, Any]

BROADCAST_STATES = [stage.value for stage in Stage if stage is not Stage.FINISHED] + ["sending", "finished"]
MODEM_STATES = ["ready", "starting", "not_registered", "no_sim", "pin", "quarantined", "paused", "suspended"]
MODEM_STATES += ["absent", "faulty", "out_of_service"]


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def _answer(description: str, schema: str) -> Schema:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": description, "content": {"application/json": {"schema": reference}}}


def _findings() -> Schema:
    kinds = [*get_args(Kind), "missing_text"]
    found = _object({"kind": {"enum": kinds}, "language": {"enum": list(LANGUAGES)}, "excerpt": {"type": "string"}})
    return _object({"error": {"type": "string"}, "findings": {"type": "array", "items": found}})


def _refused(*statuses: int) -> Schema:
    words = {
        400: "not understood, or not possible as asked",
        401: "no valid token",
        403: "the token's role may not do this",
        404: "no such broadcast",
        409: "a duplicate, a key that ordered something else, over a ceiling, or no modem could send; nothing was sent",
        413: "the body is too large",
        415: "the body is not JSON",
        503: "the database cannot be read or written now; nothing was done",
    }
    return {str(status): _answer(words[status], "Error") for status in statuses}


_ID: Schema = {"type": "integer", "minimum": 1}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_NAMES: Schema = {"type": "array", "minItems": 1, "items": {"type": "string"}}

SCHEMAS: Schema = {
    "Error": _object({"error": {"type": "string", "description": "a whole French sentence: why, and what to do"}}),
    "Findings": _findings(),
    "Order": _object(
        {
            "text": {"type": "string", "description": "in French: who has no text of their own gets this one"},
            "texts": _object({each: {"type": "string"} for each in LANGUAGES if each != "fr"}, required=[]),
            "one_language": {"type": "boolean", "default": False, "description": "everybody gets the French text"},
            "accept_findings": {"type": "string", "description": "the reason for sending what the text guard found"},
            "audience": {
                "oneOf": [
                    _object({"all": {"const": True}}),
                    _object({"neighbourhoods": _NAMES}),
                    _object({"to": {**_NAMES, "description": "members' and users' own numbers"}}),
                ]
            },
            "priority": {"enum": ["urgent", "normal"], "default": "urgent"},
            "idempotency_key": {
                "type": "string",
                "minLength": 1,
                "maxLength": 200,
                "description": "the same key and content again give the same answer and send nothing",
            },
            "override_budget": {"type": "string", "description": "the reason for passing a ceiling"},
            "drill": {"type": "boolean", "default": False},
            "again": {
                "type": "boolean",
                "default": False,
                "description": "repeating a text within 10 minutes is meant",
            },
        },
        required=["text", "audience"],
    ),
    "Placed": _object(
        {
            "id": _ID,
            "state": {"enum": BROADCAST_STATES},
            "recipients": _COUNT,
            "parts": _COUNT,
            "encoding": {"enum": ["gsm7", "ucs2"]},
            "simulated": {"type": "boolean"},
            "without_mobile": {
                **_COUNT,
                "description": "people of the audience who gave no mobile: they get nothing; absent when the order was"
                " taken before and its audience can no longer be counted",
            },
        },
        required=["id", "state", "recipients", "parts", "encoding", "simulated"],
    ),
    "Broadcast": _object(
        {
            "id": _ID,
            "state": {"enum": BROADCAST_STATES},
            "recipients": _COUNT,
            "simulated": {"type": "boolean"},
            "counts": _object({state.value: _COUNT for state in PartState}),
            "incomplete": {
                **_COUNT,
                "description": "queued messages whose SIM went away after their first part; absent when there are none",
            },
            "hold": _object(
                {
                    "reason": {"enum": ["restored", "unknown", "damaged"]},
                    "may_have": _COUNT,
                    "nothing": _COUNT,
                }
            ),
        },
        required=["id", "state", "recipients", "simulated", "counts"],
    ),
    "Modems": {
        "type": "array",
        "items": _object(
            {
                "name": {"type": "string"},
                "state": {"enum": MODEM_STATES},
                "imei": _TEXT_OR_NULL,
                "imsi": _TEXT_OR_NULL,
                "operator": _TEXT_OR_NULL,
                "technology": _TEXT_OR_NULL,
                "signal_dbm": {"type": ["integer", "null"]},
                "sent_today": _COUNT,
                "simulated": {"type": "boolean"},
            }
        ),
    },
    "Health": _object({"status": {"const": "ok"}}),
    "Ready": _object(
        {"ready": {"type": "boolean"}, "state": {"enum": [code.value for code in Code]}, "sentence": {"type": "string"}}
    ),
}

_ORDER_BODY: Schema = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
}
_ID_IN_PATH: Schema = {
    "name": "broadcast_id",
    "in": "path",
    "required": True,
    "schema": {**_ID, "maximum": 2**63 - 1},
}

PATHS: Schema = {
    "/api/v1/broadcasts": {
        "post": {
            "summary": "Send a text to many people (an officer's token)",
            "requestBody": _ORDER_BODY,
            "responses": {
                "201": _answer("taken", "Placed"),
                "202": _answer("taken, and waits for a second person", "Placed"),
                "422": _answer("its text was found fault with, or a language has none", "Findings"),
                **_refused(400, 401, 403, 409, 413, 415, 503),
            },
        }
    },
    "/api/v1/broadcasts/{broadcast_id}": {
        "get": {
            "summary": "What became of it; the counts are of messages and add up to the recipients",
            "parameters": [_ID_IN_PATH],
            "responses": {"200": _answer("the broadcast", "Broadcast"), **_refused(401, 403, 404, 503)},
        }
    },
    "/api/v1/modems": {
        "get": {
            "summary": "The modems as their daemons last saw them",
            "responses": {"200": _answer("the modems", "Modems"), **_refused(401, 403, 503)},
        }
    },
    "/healthz": {
        "get": {
            "summary": "The process answers",
            "security": [],
            "responses": {"200": _answer("alive", "Health")},
        }
    },
    "/readyz": {
        "get": {
            "summary": "A modem can send now",
            "security": [],
            "responses": {"200": _answer("ready", "Ready"), "503": _answer("not ready", "Ready")},
        }
    },
    "/metrics": {
        "get": {
            "summary": "Figures for Prometheus; from this machine, or with a token",
            "security": [{}, {"token": []}],
            "responses": {
                "200": {"description": "text format", "content": {"text/plain": {"schema": {"type": "string"}}}},
                **_refused(401, 503),
            },
        }
    },
}

DOCUMENT: Schema = {
    "openapi": "3.1.0",
    "info": {"title": "plp-alerte", "version": version("plp-alerte"), "license": {"name": "GPL-3.0-or-later"}},
    "paths": PATHS,
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
    "security": [{"token": []}],
}
