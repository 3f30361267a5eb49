"""The API told to programs (OpenAPI 3.1), kept by hand; a test holds it against real answers."""

from importlib.metadata import version
from typing import Any, get_args

from db.alerts.orders.resending import Only
from db.modems.judgement import Code
from plp.rules.people import LANGUAGES
from plp.rules.states import PartState, Stage
from plp.rules.text_guard import Kind

Schema = dict[str, Any]

BROADCAST_STATES = [stage.value for stage in Stage if stage is not Stage.FINISHED] + ["sending", "finished"]
BROADCAST_KINDS = ["alert", "correction", "corrected", "end", "drill"]
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
        409: "a duplicate, a key that ordered something else, over a ceiling, no modem could send, or not possible"
        " in the broadcast's state; nothing was done",
        413: "the body is too large",
        415: "the body is not JSON",
        503: "the database cannot be read or written now; nothing was done",
    }
    return {str(status): _answer(words[status], "Error") for status in statuses}


_ID: Schema = {"type": "integer", "minimum": 1}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_NAMES: Schema = {"type": "array", "minItems": 1, "items": {"type": "string"}}

_KEY: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "description": "the same key and content again give the same answer and send nothing",
}
_AGAIN: Schema = {
    "type": "boolean",
    "default": False,
    "description": "repeating a text within 10 minutes is meant",
}
_COUNTS = _object({state.value: _COUNT for state in PartState})
_WORDS: Schema = {
    "text": {"type": "string", "description": "in French: who has no text of their own gets this one"},
    "texts": _object({each: {"type": "string"} for each in LANGUAGES if each != "fr"}, required=[]),
    "one_language": {"type": "boolean", "default": False, "description": "everybody gets the French text"},
    "accept_findings": {"type": "string", "description": "the reason for sending what the text guard found"},
}
_FOLLOW_UP: Schema = {**_WORDS, "idempotency_key": _KEY, "again": _AGAIN}
_PLACED: Schema = {
    "id": _ID,
    "state": {"enum": BROADCAST_STATES},
    "recipients": _COUNT,
    "parts": _COUNT,
    "encoding": {"enum": ["gsm7", "ucs2"]},
    "simulated": {"type": "boolean"},
}

SCHEMAS: Schema = {
    "Error": _object({"error": {"type": "string", "description": "a whole French sentence: why, and what to do"}}),
    "Findings": _findings(),
    "Order": _object(
        {
            **_WORDS,
            "audience": {
                "oneOf": [
                    _object({"all": {"const": True}}),
                    _object({"neighbourhoods": _NAMES}),
                    _object({"to": {**_NAMES, "description": "members' and users' own numbers"}}),
                ]
            },
            "priority": {"enum": ["urgent", "normal"], "default": "urgent"},
            "idempotency_key": _KEY,
            "override_budget": {"type": "string", "description": "the reason for passing a ceiling"},
            "drill": {"type": "boolean", "default": False},
            "again": _AGAIN,
        },
        required=["text", "audience"],
    ),
    "Nothing": _object({}),
    "Release": _object({"rest": {"type": "boolean", "default": False}}, required=[]),
    "Resend": _object({"only": {"enum": list(get_args(Only))}, "idempotency_key": _KEY}, required=["only"]),
    "Correction": _object({**_FOLLOW_UP, "rest": {"type": "boolean", "default": False}}, required=["text"]),
    "End": _object(_FOLLOW_UP, required=["text"]),
    "Done": _object({"id": _ID, "state": {"enum": BROADCAST_STATES}, "messages": _COUNT}),
    "Corrected": _object(
        {**_PLACED, "rest": {"anyOf": [{"$ref": "#/components/schemas/FollowedUp"}, {"type": "null"}]}},
        required=list(_PLACED),
    ),
    "FollowedUp": _object(_PLACED),
    "Broadcasts": {
        "type": "array",
        "items": _object(
            {
                "id": _ID,
                "kind": {"enum": BROADCAST_KINDS},
                "state": {"enum": BROADCAST_STATES},
                "text": {"type": "string"},
                "recipients": _COUNT,
                "simulated": {"type": "boolean"},
                "counts": _COUNTS,
                "ordered_by": {"type": "string"},
                "created_at": {"type": "string", "format": "date-time"},
            }
        ),
    },
    "Placed": _object(
        {
            **_PLACED,
            "without_mobile": {
                **_COUNT,
                "description": "people of the audience who gave no mobile: they get nothing; absent when the order was"
                " taken before and its audience can no longer be counted",
            },
        },
        required=list(_PLACED),
    ),
    "Broadcast": _object(
        {
            "id": _ID,
            "state": {"enum": BROADCAST_STATES},
            "recipients": _COUNT,
            "simulated": {"type": "boolean"},
            "counts": _COUNTS,
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
                "host": {"type": "string"},
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


def _body(schema: str, required: bool = True) -> Schema:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"required": required, "content": {"application/json": {"schema": reference}}}


_ID_IN_PATH: Schema = {
    "name": "broadcast_id",
    "in": "path",
    "required": True,
    "schema": {**_ID, "maximum": 2**63 - 1},
}


def _action(summary: str, body: str, required: bool = False) -> Schema:
    """A change to a broadcast under way."""
    return {
        "post": {
            "summary": f"{summary} (an officer's token)",
            "parameters": [_ID_IN_PATH],
            "requestBody": _body(body, required),
            "responses": {
                "200": _answer("done", "Done"),
                **_refused(400, 401, 403, 404, 409, 413, 415, 503),
            },
        }
    }


def _follow_up(summary: str, body: str, answer: str) -> Schema:
    """A text to those who have an earlier broadcast."""
    change = _action(summary, body, required=True)
    placed = {
        "201": _answer("taken", answer),
        "202": _answer("taken, and waits for a second person", answer),
        "422": _answer("its text was found fault with, or a language has none", "Findings"),
    }
    change["post"]["responses"] = placed | {
        status: told for status, told in change["post"]["responses"].items() if status != "200"
    }
    return change


_ONE = "/api/v1/broadcasts/{broadcast_id}"

PATHS: Schema = {
    "/api/v1/broadcasts": {
        "get": {
            "summary": "What people ordered, newest first",
            "parameters": [
                {
                    "name": "limit",
                    "in": "query",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25},
                },
                {
                    "name": "before",
                    "in": "query",
                    "description": "leaves out this broadcast and all newer ones",
                    "schema": {**_ID, "maximum": 2**63 - 1},
                },
            ],
            "responses": {"200": _answer("the broadcasts", "Broadcasts"), **_refused(400, 401, 403, 503)},
        },
        "post": {
            "summary": "Send a text to many people (an officer's token)",
            "requestBody": _body("Order"),
            "responses": {
                "201": _answer("taken", "Placed"),
                "202": _answer("taken, and waits for a second person", "Placed"),
                "422": _answer("its text was found fault with, or a language has none", "Findings"),
                **_refused(400, 401, 403, 409, 413, 415, 503),
            },
        },
    },
    _ONE: {
        "get": {
            "summary": "What became of it; the counts are of messages and add up to the recipients",
            "parameters": [_ID_IN_PATH],
            "responses": {"200": _answer("the broadcast", "Broadcast"), **_refused(401, 403, 404, 503)},
        }
    },
    f"{_ONE}/cancel": _action("What has not gone out does not go out", "Nothing"),
    f"{_ONE}/pause": _action("Nothing more goes out until resume; its deadline stands", "Nothing"),
    f"{_ONE}/resume": _action("Go on after a pause", "Nothing"),
    f"{_ONE}/release": _action("Send what is held, or only to those who certainly have nothing", "Release"),
    f"{_ONE}/resend": _action("Send the messages of one state again", "Resend", required=True),
    f"{_ONE}/correct": _follow_up("Stop the rest and correct", "Correction", "Corrected"),
    f"{_ONE}/end": _follow_up("Announce the end of the alert", "End", "FollowedUp"),
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
