"""The blueprint that the inbox's pages share, what their addresses name, and the count in the menu."""

import re
from typing import get_args

from flask import abort, g, request

from console.web.page_header import page_header
from console.web.pages import Pages
from console.web.roles import may_open
from db.inbound.inbox.items import Channel, Ref
from db.inbound.inbox.threads import thread_of, unread

blueprint = Pages("inbox", "/inbox")


_REF = re.compile(r"(sms|mail)-([0-9]{1,9})")


def conversation_at(channel: str, number: int) -> tuple[Ref, list[Ref]]:
    """The message of an address and the conversation that it is in, or 404."""
    known = next((known for known in get_args(Channel) if known == channel), None) or abort(404)
    ref = Ref(known, number)
    conversation = thread_of(ref)
    return (ref, conversation) if conversation else abort(404)


def seen(conversation: list[Ref]) -> list[Ref]:
    """The messages that the page showed whose button was pressed: what came since is not meant."""
    shown = {f"{channel}-{number}" for channel, number in _REF.findall(request.form.get("seen", ""))}
    return [ref for ref in conversation if named(ref) in shown]


@blueprint.app_template_filter("ref")
def named(ref: Ref) -> str:
    """A message in a form or an address: `sms-12`."""
    return f"{ref.channel}-{ref.id}"


@blueprint.app_template_global()
def unread_messages() -> int:
    """Conversations that nobody took yet, for an officer; queried once per request, 0 while nothing is known."""
    if "unread_messages" not in g:
        g.unread_messages = unread() if page_header().zone and may_open("inbox.messages") else 0
    return int(g.unread_messages)
