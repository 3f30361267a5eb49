"""The bodies and answers of the API as schemas: made of the declarations of states, kinds and a member's columns
that the rest of the product goes by. A body is read by its schema (`console.api.bodies`).
"""

from collections.abc import Iterable
from typing import Any, get_args

from console.i18n import labels
from db.alerts.orders.control import Only
from db.people.members.cards import MemberState
from rules.languages import LANGUAGES, OTHER_LANGUAGES
from rules.members import COLUMNS
from rules.people import MEMBER_ROLES
from rules.readiness import PROCESSES, Code
from rules.states import PartState, Stage
from rules.text_guard import Kind

Schema = dict[str, Any]

BROADCAST_STATES = [stage.value for stage in Stage if stage is not Stage.FINISHED] + ["sending", "finished"]
BROADCAST_KINDS = ["alert", "correction", "corrected", "end", "drill"]
MODEM_STATES = list(labels.MODEM_STATES)
LONGEST_KEY = 200


def an_object(properties: Schema, required: Iterable[str] | None = None) -> Schema:
    """An object of these properties and no other; `required` are all, unless they are named."""
    named = list(properties) if required is None else list(required)
    return {"type": "object", "properties": properties, "required": named, "additionalProperties": False}


def ref(schema: str) -> Schema:
    """A schema of the document by its name."""
    return {"$ref": f"#/components/schemas/{schema}"}


def a_list(items: Schema, **more: Any) -> Schema:
    """A list of these."""
    return {"type": "array", "items": items, **more}


def a_text(description: str, **more: Any) -> Schema:
    """A text, with what is to be known of it."""
    return {"type": "string", "description": description, **more}


def page_of(most: int = 100, usual: int = 25, **more: Schema) -> Schema:
    """The arguments of a list: its length, and its filters."""
    return an_object({"limit": a_number(1, most, default=usual), **more}, [])


def a_count(words: str) -> Schema:
    """A number of things, which these words tell of."""
    return COUNT | {"description": words}


def a_number(least: int, most: int = 2**63 - 1, **more: Any) -> Schema:
    """A whole number, with what is to be known of it."""
    return {"type": "integer", "minimum": least, "maximum": most, **more}


TEXT, FLAG, OFF = {"type": "string"}, {"type": "boolean"}, {"type": "boolean", "default": False}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
TIME: Schema = {**TEXT, "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}
REF = a_text("a message: its channel and its number", pattern="^(sms|mail)-[0-9]{1,9}$")
AFTER = a_number(0, default=0, description="`next` of the page before")
ROW = a_number(1)
_ID: Schema = {"type": "integer", "minimum": 1}
_STATE: Schema = {"enum": BROADCAST_STATES}
_NAMES = a_list(TEXT, minItems=1)
KEY = a_text("the same key and content again give the same answer and send nothing", minLength=1, maxLength=LONGEST_KEY)
_AGAIN: Schema = {**OFF, "description": "repeating a text within 10 minutes is meant"}
_COUNTS = an_object({state.value: COUNT for state in PartState})
_WORDS: Schema = {
    "text": a_text("in French: who has no text of their own gets this one"),
    "texts": an_object(dict.fromkeys(OTHER_LANGUAGES, TEXT), []),
    "one_language": {**OFF, "description": "everybody gets the French text"},
    "accept_findings": a_text("the reason for sending what the text guard refuses"),
}
_FOLLOW_UP: Schema = {**_WORDS, "idempotency_key": KEY, "again": _AGAIN}
_SEEN: Schema = {"id": _ID, "state": _STATE, "recipients": COUNT, "simulated": FLAG}
_SPARED = a_count("people left out for their quiet hours, also those without a mobile")
_PLACED: Schema = {**_SEEN, "quiet": _SPARED, "parts": COUNT, "encoding": {"enum": ["gsm7", "ucs2"]}}
_KINDS: Schema = {"enum": [*get_args(Kind), "missing_text"]}
_FINDING: Schema = {"kind": _KINDS, "language": {"enum": list(LANGUAGES)}, "excerpt": TEXT}
_QUIET_HOURS = "people in quiet hours get nothing (usual of a drill and of normal priority), or all the same"
_ORDER: Schema = {
    **_WORDS,
    "audience": {
        "oneOf": [
            an_object({"all": {"type": "boolean", "const": True}}),
            an_object({"to": {**_NAMES, "description": "members' and users' own numbers"}}),
            an_object(dict.fromkeys(("neighbourhoods", "groups", "streets"), _NAMES), []) | {"minProperties": 1},
        ]
    },
    "priority": {"enum": ["urgent", "normal"], "default": "urgent"},
    "idempotency_key": KEY,
    "override_budget": a_text("the reason for passing a ceiling"),
    "drill": OFF,
    "again": _AGAIN,
    "quiet": {"enum": ["spare", "ring"], "description": _QUIET_HOURS},
}
_NO_MOBILE = a_count("people of the audience who gave no mobile; absent when they can no longer be counted")
_NOT_ALERTED = a_list(TEXT, description="neighbourhoods that the text names, to which no alert about these facts went")
_HOLD = an_object({"reason": {"enum": ["restored", "unknown", "damaged"]}, "may_have": COUNT, "nothing": COUNT})
_ROADS = an_object(dict.fromkeys(("sms", "mail", "called", "not_reached"), COUNT))
_REACH = an_object(
    {
        **dict.fromkeys(("people", "received", "sent", "waiting", "otherwise"), COUNT),
        "received_by": an_object(dict.fromkeys(("sms", "mail", "called"), COUNT)),
    }
)
_FOLLOWED = an_object({"id": _ID, "kind": {"enum": BROADCAST_KINDS}, "state": _STATE, "reach": _REACH})
_CARD: Schema = {"reach": _REACH, "followed_by": a_list(_FOLLOWED)}
_BROADCAST: Schema = {**_SEEN, "taken": COUNT, "counts": _COUNTS, **_CARD}
_LAST_PHONE = a_text("when its last SMS is expected to go out; absent when nothing waits, or no modem can send")
_MORE_OF_BROADCAST: Schema = {
    "last_phone_at": _LAST_PHONE | TIME,
    "before": a_count("SMS of other broadcasts that go out before that one"),
    "roads": _ROADS,
    "incomplete": a_count("queued messages whose SIM went away after their first part; absent when none are"),
    "hold": _HOLD,
}
_WRITTEN = {"kind": {"enum": BROADCAST_KINDS}, "text": TEXT, "ordered_by": TEXT}
_MODEM: Schema = {
    **dict.fromkeys(("host", "name"), TEXT),
    "state": {"enum": MODEM_STATES},
    **dict.fromkeys(("imei", "imsi", "operator", "technology"), TEXT_OR_NULL),
    "signal_dbm": {"type": ["integer", "null"]},
    "sent_today": COUNT,
    "simulated": FLAG,
}
_TYPED: Schema = {name: {"type": "string", "maxLength": column.longest} for name, column in COLUMNS.items()}
_TYPED |= {"language": {"enum": list(LANGUAGES)}, "role": {"enum": list(MEMBER_ROLES)}}
_AGREED = {
    "sms": {**FLAG, "description": "agrees to texts; a new member does, unless it is false"},
    "mail_group": {**FLAG, "description": "agrees to the neighbourhood's mail group"},
}
_SHARED = {**OFF, "description": "another member has this mobile too, and that is right"}
_NEXT = {"type": ["integer", "null"], "description": "`after` of the next page; null at the end"}
_CHANGE: Schema = {**_TYPED, "neighbourhood": {**TEXT, "maxLength": 100}, **_AGREED, "number_shared": _SHARED}
_MEMBER: Schema = {
    "id": ROW,
    **{name: TEXT_OR_NULL if name in ("mobile", "email") else kind | {} for name, kind in _TYPED.items()},
    "neighbourhood": TEXT,
    "sms": FLAG,
    "mail_group": FLAG,
    "state": {"enum": list(get_args(MemberState))},
}
_MESSAGE: Schema = {
    "ref": REF,
    "at": TIME,
    "from": a_text("a number or an address as it came, perhaps empty"),
    "subject": TEXT,
    "text": TEXT,
    "open": {**FLAG, "description": "an officer has still to look at it"},
    "automatic": {**FLAG, "description": "nobody wrote it by hand"},
    "answerable": FLAG,
    "taken_by": TEXT,
    "handled_by": TEXT,
}
_PERSON: Schema = {
    "names": a_list(TEXT),
    "neighbourhood": TEXT_OR_NULL,
    "tie": {"enum": ["coordinator", "member", "reference", ""]},
    "language": TEXT,
}
_CONVERSATION: Schema = {
    **_MESSAGE,
    "person": an_object(_PERSON),
    "messages": COUNT,
    "to_do": a_count("those that are open"),
    "alarm": {**FLAG, "description": "a call for help that nobody took"},
}
_ANSWER: Schema = {
    "text": a_text("by SMS one part, by mail as many lines as you like", minLength=1, maxLength=10_000),
    "accept": {**OFF, "description": "what was warned of (422, 409 stopped) is meant"},
    "idempotency_key": KEY,
}
_HAPPENED: Schema = {"id": ROW, "at": TIME}
_DELIVERY: Schema = {
    "type": {"const": "delivery"},
    "broadcast": _ID,
    "message": {**_ID, "description": "one message to one person, who is not named"},
    "state": {"enum": [state.value for state in PartState if state is not PartState.SENDING]},
}
_INCIDENT: Schema = {
    "type": {"const": "incident"},
    "incident": _ID,
    "kind": TEXT,
    "sentence": a_text("in French"),
    "state": {"enum": ["opened", "ended"]},
}
_PROBLEM: Schema = {
    "type": a_text("about:blank: `code` says more"),
    "title": a_text("the status in words"),
    "status": {"type": "integer", "minimum": 400},
    "code": a_text("why, for programs; it never changes"),
    "detail": a_text("a whole sentence in the reader's language (Accept-Language): why, and what to do"),
    "error": a_text("the same sentence in French, whatever the header says"),
    "field": a_text("the place in the body or the address that was refused; absent where it is none's"),
}
_NO_FIELD = [name for name in _PROBLEM if name != "field"]

SCHEMAS: Schema = {
    "Problem": an_object(_PROBLEM, _NO_FIELD),
    "Findings": an_object({**_PROBLEM, "findings": a_list(an_object(_FINDING))}, [*_NO_FIELD, "findings"]),
    "Order": an_object(_ORDER, ["text", "audience"]),
    "Nothing": an_object({}),
    "Release": an_object({"rest": OFF}, []),
    "Resend": an_object({"only": {"enum": list(get_args(Only))}, "idempotency_key": KEY}, ["only"]),
    "Correction": an_object({**_FOLLOW_UP, "rest": OFF}, ["text"]),
    "End": an_object(_FOLLOW_UP, ["text"]),
    "Done": an_object({"id": _ID, "state": _STATE, "messages": COUNT}),
    "Corrected": an_object(
        {**_PLACED, "not_alerted": _NOT_ALERTED, "rest": {"anyOf": [ref("FollowedUp"), {"type": "null"}]}},
        [*_PLACED, "not_alerted"],
    ),
    "FollowedUp": an_object(_PLACED),
    "Broadcasts": a_list(an_object({**_BROADCAST, **_WRITTEN, "created_at": TIME})),
    "Placed": an_object({**_PLACED, "without_mobile": _NO_MOBILE}, _PLACED),
    "Broadcast": an_object({**_BROADCAST, "quiet": _SPARED, **_MORE_OF_BROADCAST}, [*_BROADCAST, "quiet"]),
    "Event": {"oneOf": [an_object({**_HAPPENED, **more}) for more in (_DELIVERY, _INCIDENT)]},
    "Events": an_object({"events": a_list(ref("Event")), "next": a_count("`after` of the next page")}),
    "Posted": an_object({"type": {"const": "plp.event"}, "host": TEXT, "event": ref("Event")}),
    "Member": an_object(_MEMBER),
    "Members": an_object({"members": a_list(ref("Member")), "next": _NEXT}),
    "NewMember": an_object(
        {**_CHANGE, "welcome": {**OFF, "description": "the welcome message goes out"}}, ["neighbourhood"]
    ),
    "MemberChange": an_object(_CHANGE, []),
    "Inbox": a_list(an_object(_CONVERSATION)),
    "Conversation": a_list(an_object(_MESSAGE)),
    "Message": an_object(_MESSAGE),
    "Answer": an_object(_ANSWER, ["text", "idempotency_key"]),
    "Modems": a_list(an_object(_MODEM)),
    "Health": an_object({"status": {"const": "ok"}}),
    "Ready": an_object(
        {
            "ready": FLAG,
            "state": {"enum": [code.value for code in Code]},
            "sentence": TEXT,
            "missing": a_list(an_object({"host": TEXT, "process": {"enum": [*PROCESSES]}})),
        }
    ),
}
