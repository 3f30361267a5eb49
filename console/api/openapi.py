"""The API as programs read it (OpenAPI 3.1), kept by hand; a test holds it against real answers."""

from importlib.metadata import version
from typing import Any, get_args

from console.i18n import labels
from db.alerts.orders.control import Only
from rules.languages import LANGUAGES, OTHER_LANGUAGES
from rules.readiness import Code
from rules.states import PartState, Stage
from rules.text_guard import Kind

Schema = dict[str, Any]

BROADCAST_STATES = [stage.value for stage in Stage if stage is not Stage.FINISHED] + ["sending", "finished"]
BROADCAST_KINDS = ["alert", "correction", "corrected", "end", "drill"]
MODEM_STATES = list(labels.MODEM_STATES)
_REFUSED = {
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
_OF_CHANGES = (400, 401, 403, 404, 409, 413, 415, 503)


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    named = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": named, "additionalProperties": False}


def _ref(schema: str) -> Schema:
    return {"$ref": f"#/components/schemas/{schema}"}


def _json(schema: str, **more: Any) -> Schema:
    """The body of a request or an answer."""
    return {**more, "content": {"application/json": {"schema": _ref(schema)}}}


def _answers(refused: tuple[int, ...] = (), **taken: tuple[str, str]) -> Schema:
    """By status: `s200=(description, schema)`, and the usual words of those in `refused`."""
    good = {status[1:]: _json(schema, description=words) for status, (words, schema) in taken.items()}
    return good | {str(status): _json("Error", description=_REFUSED[status]) for status in refused}


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


_TEXT, _FLAG, _OFF = {"type": "string"}, {"type": "boolean"}, {"type": "boolean", "default": False}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_ID: Schema = {"type": "integer", "minimum": 1}
_ROW: Schema = {**_ID, "maximum": 2**63 - 1}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_STATE: Schema = {"enum": BROADCAST_STATES}
_NAMES = _list(_TEXT, minItems=1)
_KEY = _text("the same key and content again give the same answer and send nothing", minLength=1, maxLength=200)
_AGAIN: Schema = {**_OFF, "description": "repeating a text within 10 minutes is meant"}
_COUNTS = _object({state.value: _COUNT for state in PartState})
_WORDS: Schema = {
    "text": _text("in French: who has no text of their own gets this one"),
    "texts": _object(dict.fromkeys(OTHER_LANGUAGES, _TEXT), required=[]),
    "one_language": {**_OFF, "description": "everybody gets the French text"},
    "accept_findings": _text("the reason for sending what the text guard refuses"),
}
_FOLLOW_UP: Schema = {**_WORDS, "idempotency_key": _KEY, "again": _AGAIN}
_SEEN: Schema = {"id": _ID, "state": _STATE, "recipients": _COUNT, "simulated": _FLAG}
_SPARED: Schema = {**_COUNT, "description": "numbers left out for their quiet hours"}
_PLACED: Schema = {**_SEEN, "quiet": _SPARED, "parts": _COUNT, "encoding": {"enum": ["gsm7", "ucs2"]}}
_KINDS: Schema = {"enum": [*get_args(Kind), "missing_text"]}
_FINDING: Schema = {"kind": _KINDS, "language": {"enum": list(LANGUAGES)}, "excerpt": _TEXT}
_TO = {**_NAMES, "description": "members' and users' own numbers"}
_QUIET_HOURS = "people in quiet hours get nothing (usual of a drill and of normal priority), or all the same"
_ORDER: Schema = {
    **_WORDS,
    "audience": {
        "oneOf": [
            _object({"all": {"const": True}}),
            _object({"to": _TO}),
            _object(dict.fromkeys(("neighbourhoods", "groups", "streets"), _NAMES), []) | {"minProperties": 1},
        ]
    },
    "priority": {"enum": ["urgent", "normal"], "default": "urgent"},
    "idempotency_key": _KEY,
    "override_budget": _text("the reason for passing a ceiling"),
    "drill": _OFF,
    "again": _AGAIN,
    "quiet": {"enum": ["spare", "ring"], "description": _QUIET_HOURS},
}
_NO_MOBILE = "people of the audience who gave no mobile and get nothing; absent when they can no longer be counted"
_WITHOUT_MOBILE: Schema = {**_COUNT, "description": _NO_MOBILE}
_LOST_SIM = "queued messages whose SIM went away after their first part; absent when none are"
_INCOMPLETE: Schema = {**_COUNT, "description": _LOST_SIM}
_HOLD = _object({"reason": {"enum": ["restored", "unknown", "damaged"]}, "may_have": _COUNT, "nothing": _COUNT})
_ROADS = _object(dict.fromkeys(("sms", "mail", "called", "not_reached"), _COUNT))
_BROADCAST: Schema = {**_SEEN, "taken": _COUNT, "counts": _COUNTS}
_LAST_PHONE = "when its last SMS is expected to go out; absent when nothing waits, or no modem can send"
_MEANWHILE = "SMS of other broadcasts that go out before that one"
_EXPECTED: Schema = {
    "last_phone_at": {**_text(_LAST_PHONE), "format": "date-time"},
    "before": {**_COUNT, "description": _MEANWHILE},
}
_WRITTEN = {"kind": {"enum": BROADCAST_KINDS}, "text": _TEXT, "ordered_by": _TEXT}
_MODEM: Schema = {
    **dict.fromkeys(("host", "name"), _TEXT),
    "state": {"enum": MODEM_STATES},
    **dict.fromkeys(("imei", "imsi", "operator", "technology"), _TEXT_OR_NULL),
    "signal_dbm": {"type": ["integer", "null"]},
    "sent_today": _COUNT,
    "simulated": _FLAG,
}

SCHEMAS: Schema = {
    "Error": _object({"error": _text("a whole French sentence: why, and what to do")}),
    "Findings": _object({"error": _TEXT, "findings": _list(_object(_FINDING))}),
    "Order": _object(_ORDER, required=["text", "audience"]),
    "Nothing": _object({}),
    "Release": _object({"rest": _OFF}, required=[]),
    "Resend": _object({"only": {"enum": list(get_args(Only))}, "idempotency_key": _KEY}, required=["only"]),
    "Correction": _object({**_FOLLOW_UP, "rest": _OFF}, required=["text"]),
    "End": _object(_FOLLOW_UP, required=["text"]),
    "Done": _object({"id": _ID, "state": _STATE, "messages": _COUNT}),
    "Corrected": _object({**_PLACED, "rest": {"anyOf": [_ref("FollowedUp"), {"type": "null"}]}}, list(_PLACED)),
    "FollowedUp": _object(_PLACED),
    "Broadcasts": _list(_object({**_BROADCAST, **_WRITTEN, "created_at": {**_TEXT, "format": "date-time"}})),
    "Placed": _object({**_PLACED, "without_mobile": _WITHOUT_MOBILE}, list(_PLACED)),
    "Broadcast": _object(
        {**_BROADCAST, "quiet": _SPARED, **_EXPECTED, "roads": _ROADS, "incomplete": _INCOMPLETE, "hold": _HOLD},
        [*_BROADCAST, "quiet"],
    ),
    "Modems": _list(_object(_MODEM)),
    "Health": _object({"status": {"const": "ok"}}),
    "Ready": _object({"ready": _FLAG, "state": {"enum": [code.value for code in Code]}, "sentence": _TEXT}),
}

_ONE = "/api/v1/broadcasts/{broadcast_id}"
_ID_IN_PATH: Schema = {"name": "broadcast_id", "in": "path", "required": True, "schema": _ROW}
_FAULT = "the text guard refuses its text, or a language has none"


def _action(summary: str, body: str, required: bool = False, answers: Schema | None = None) -> Schema:
    """A change to a broadcast under way."""
    return {
        "post": {
            "summary": f"{summary} (an officer's token)",
            "parameters": [_ID_IN_PATH],
            "requestBody": _json(body, required=required),
            "responses": answers or _answers(_OF_CHANGES, s200=("done", "Done")),
        }
    }


def _placing(answer: str, refused: tuple[int, ...] = _OF_CHANGES) -> Schema:
    waits = "taken, and waits for a second person"
    return _answers(refused, s201=("taken", answer), s202=(waits, answer), s422=(_FAULT, "Findings"))


def _get(summary: str, responses: Schema, **more: Any) -> Schema:
    return {"get": {"summary": summary, "responses": responses, **more}}


_LIMIT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}
_BEFORE = {"in": "query", "description": "leaves out this broadcast and all newer ones", "schema": _ROW}
_METRICS: Schema = {
    "200": {"description": "text format", "content": {"text/plain": {"schema": _TEXT}}},
    **_answers((401, 503)),
}

PATHS: Schema = {
    "/api/v1/broadcasts": {
        **_get(
            "What people ordered, newest first",
            _answers((400, 401, 403, 503), s200=("the broadcasts", "Broadcasts")),
            parameters=[{"name": "limit", "in": "query", "schema": _LIMIT}, {"name": "before", **_BEFORE}],
        ),
        "post": {
            "summary": "Send a text to many people (an officer's token)",
            "requestBody": _json("Order", required=True),
            "responses": _placing("Placed", (400, 401, 403, 409, 413, 415, 503)),
        },
    },
    _ONE: _get(
        "What became of it; the counts are of messages and add up to the recipients",
        _answers((401, 403, 404, 503), s200=("the broadcast", "Broadcast")),
        parameters=[_ID_IN_PATH],
    ),
    f"{_ONE}/cancel": _action("What has not gone out does not go out", "Nothing"),
    f"{_ONE}/pause": _action("Nothing more goes out until resume; its deadline stands", "Nothing"),
    f"{_ONE}/resume": _action("Go on after a pause", "Nothing"),
    f"{_ONE}/release": _action("Send what is held, or only to those who certainly have nothing", "Release"),
    f"{_ONE}/resend": _action("Send the messages of one state again", "Resend", required=True),
    f"{_ONE}/correct": _action("Stop the rest and correct", "Correction", True, _placing("Corrected")),
    f"{_ONE}/end": _action("Announce the end of the alert", "End", True, _placing("FollowedUp")),
    "/api/v1/modems": _get(
        "The modems as their daemons last saw them", _answers((401, 403, 503), s200=("the modems", "Modems"))
    ),
    "/healthz": _get("The process answers", _answers(s200=("alive", "Health")), security=[]),
    "/readyz": _get(
        "A modem can send now", _answers(s200=("ready", "Ready"), s503=("not ready", "Ready")), security=[]
    ),
    "/metrics": _get(
        "Figures for Prometheus; from this machine, or with a token", _METRICS, security=[{}, {"token": []}]
    ),
}

DOCUMENT: Schema = {
    "openapi": "3.1.0",
    "info": {"title": "plp-alerte", "version": version("plp-alerte"), "license": {"name": "GPL-3.0-or-later"}},
    "paths": PATHS,
    "components": {"schemas": SCHEMAS, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
}
