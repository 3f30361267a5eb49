"""Messages that people wrote, for a program of an officer: listed, taken, answered, by the same services as the pages.
Reading by a program does not count: the people on duty are still called until somebody takes the message.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from flask import jsonify
from flask.typing import ResponseReturnValue

from console.api.blueprint import actor
from console.api.broadcasts import own_key
from console.api.operations import CONFLICT, Answers, operation
from console.api.schemas import a_number, page_of
from console.web.acting import settings
from db.engine.clock import utc_now
from db.inbound.inbox.items import Channel, Item, Ref, ThreadCard, items_of
from db.inbound.inbox.threads import FILTERS, thread_of, threads
from plp.services import inbox
from rules.people import Actor
from rules.refusals import Missing

ALL = "/api/v1/inbox"
ONE = f"{ALL}/{{ref}}"
Fields = dict[str, Any]
_REF = re.compile(r"(sms|mail)-([0-9]{1,9})", re.ASCII)
_PAGE = a_number(1, 1_000_000, default=1)
_FILTER = {"enum": list(FILTERS), "default": "open"}
_DONE: Answers = {200: ("the message", "Message")}
_ANSWERED: Answers = {**_DONE, 422: ("the text guard asks whether it is meant", "Findings")}


@operation(
    "GET",
    ALL,
    "inbox:read",
    "Conversations, by their newest message",
    {200: ("the conversations", "Inbox")},
    query=page_of(filter=_FILTER, page=_PAGE),
)
def list_inbox(fields: Fields) -> ResponseReturnValue:
    page = threads(fields["filter"], fields["page"], fields["limit"])
    # Past the last page the last one is shown to people; a program gets no more.
    return jsonify([_conversation(card) for card in page.rows] if page.page == fields["page"] else [])


@operation("GET", ONE, "inbox:read", "The conversation of a message, oldest first", {200: ("it", "Conversation")})
def show_conversation(ref: str) -> ResponseReturnValue:
    conversation = thread_of(_named(ref))
    if not conversation:
        raise Missing("Ce message n'existe plus.")
    return jsonify([_message(item) for item in items_of(conversation)])


def _marking(view_name: str, path: str, summary: str, mark: Callable[[list[Ref], Actor, datetime], None]) -> None:
    def view(_fields: Fields, ref: str) -> ResponseReturnValue:
        item = inbox.existing(_named(ref))
        mark([item.ref], actor(), utc_now())
        return jsonify(_message(inbox.existing(item.ref)))

    view.__name__ = view_name
    operation("POST", path, "inbox:write", summary, _DONE, body="Nothing")(view)


_marking("take_message", f"{ONE}/take", "Say that you see to it; a call for help rings no longer", inbox.take)
_marking("handle_message", f"{ONE}/done", "Say that it is dealt with", inbox.handle)
_ANSWER = "Answer by the way that it came; it is dealt with by that"


@operation("POST", f"{ONE}/answer", "inbox:write", _ANSWER, _ANSWERED, body="Answer", also=CONFLICT)
def answer_message(fields: Fields, ref: str) -> ResponseReturnValue:
    item, key = inbox.existing(_named(ref)), own_key(fields["idempotency_key"]) or ""
    if item.ref.channel == "mail":
        inbox.reply_by_mail(item.ref, fields["text"], key, settings().mail, actor(), utc_now())
    else:
        inbox.reply_by_text(item.ref, fields["text"], fields["accept"], key, actor(), utc_now())
    return jsonify(_message(inbox.existing(item.ref)))


def _named(ref: str) -> Ref:
    match = _REF.fullmatch(ref)
    if match is None:
        raise Missing("Ce message n'existe plus.")
    return Ref(cast(Channel, match[1]), int(match[2]))


def _conversation(card: ThreadCard) -> dict[str, object]:
    person = {name: getattr(card.person, name) for name in ("names", "neighbourhood", "tie", "language")}
    return _message(card.last) | {"person": person, "messages": card.items, "to_do": card.open, "alarm": card.is_alarm}


def _message(item: Item) -> dict[str, object]:
    return {
        "ref": f"{item.ref.channel}-{item.ref.id}",
        "at": item.at.isoformat(timespec="seconds"),
        "from": item.sender,
        "open": item.is_open,
        "automatic": item.is_automatic,
        "answerable": inbox.can_be_answered(item),
        **{name: getattr(item, name) for name in ("subject", "text", "taken_by", "handled_by")},
    }
