"""Texts with a word of alarm that nobody has taken upon them: they ring on every officer's page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN

from db.engine.cached_queries import Prepared, given
from db.engine.connection import take_turn, writing
from db.inbound.replies.senders import names_of
from db.journal import audit
from db.models.mailbox import InboxMark
from db.models.modem_records import InboundMessage, InboundVerdict
from plp.rules.replies.values import Meaning

# What nobody took in a week is no emergency any more; it still waits in the inbox.
RINGS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RingingText:
    """One text that rings. `name` is the member's, empty for somebody who is none."""

    inbound_id: int
    name: str
    sender: str
    text: str
    received_at: datetime
    simulated: bool


def ringing(now: datetime) -> list[RingingText]:
    """The texts that ring now, oldest first: nobody took them (« Je m'en occupe ») and nobody handled them."""
    rows = _RINGING.found(since=now - RINGS_FOR)
    names = names_of([row[1] for row in rows]) if rows else {}
    return [
        RingingText(id_, names.get(sender, ""), sender, text, at, simulated)
        for id_, sender, text, at, simulated in rows
    ]


# Every page asks, and each open one again every few seconds.
_RINGING = Prepared(
    InboundVerdict.select(
        InboundMessage.id,
        InboundMessage.sender,
        InboundMessage.text,
        InboundMessage.received_at,
        InboundMessage.simulated,
    )
    .join(InboundMessage)
    .join_from(InboundMessage, InboxMark, JOIN.LEFT_OUTER, on=(InboxMark.text == InboundMessage.id))
    .where(
        InboundVerdict.meaning == str(Meaning.ALARM),
        InboundMessage.received_at > given("since"),
        InboundMessage.handled_at.is_null(),
        InboxMark.taken_at.is_null(),
    )
    .order_by(InboundMessage.received_at, InboundMessage.id)
    .tuples()
)


def take_ringing(inbound_id: int, by: str, now: datetime) -> bool:
    """An officer says « Je m'en occupe »: it rings no longer. False when somebody else said so before."""
    with writing():
        take_turn("inbox")
        verdict = InboundVerdict.get_or_none(InboundVerdict.inbound == inbound_id)
        if verdict is None or verdict.meaning != Meaning.ALARM:
            return False
        mark = InboxMark.get_or_none(InboxMark.text == inbound_id) or InboxMark.create(text=inbound_id)
        if mark.taken_at is not None or verdict.inbound.handled_at is not None:
            return False
        InboxMark.update(taken_by=by, taken_at=now).where(InboxMark.id == mark.id).execute()
        audit.record(now, by, "inbox_taken", f"sms {inbound_id}")
        return True
