"""Replies to an alert: the alert that a text answers, the people who said OK, and the other texts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN

from db.engine.base import tuples
from db.inbound.replies.senders import names_of
from db.models.answers import AlertReply, InboundVerdict
from db.models.broadcasts import Broadcast, Message, Part
from db.models.modem_records import InboundMessage
from db.models.people import Member
from plp.rules.broadcasts import AUTOMATIC
from plp.rules.replies.values import Meaning, Silence
from plp.rules.states import PartState

# An answer is to the last alert of a day; later ones are about something else.
ANSWERED_WITHIN = timedelta(hours=24)
# The service centre's clock and ours may differ, and a fast thumb answers before the receipt is written down.
CLOCKS_APART = timedelta(minutes=5)
# An answer shows that it came, whatever the network said of it, or did not say yet: a receipt may take minutes.
_MAY_HAVE_IT = (
    PartState.SENDING,
    PartState.SENT,
    PartState.DELIVERED,
    PartState.UNCONFIRMED,
    PartState.UNDELIVERED,
    PartState.EXPIRED,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """Somebody's answer to an alert. `name` is empty for who is not in the list any more; `text` for an OK."""

    name: str
    msisdn: str
    at: datetime
    text: str
    inbound_id: int | None


@dataclass(frozen=True, slots=True)
class Replies:
    """The OKs and the other replies, newest first, perhaps not all of them; the totals count all."""

    ok_total: int
    ok: tuple[Reply, ...]
    others_total: int
    others: tuple[Reply, ...]


def answered_message(sender: str, sent_at: datetime) -> tuple[int, int] | None:
    """The message that a text written at `sent_at` answers, and its broadcast: the last alert within 24 hours."""
    after, before = sent_at - ANSWERED_WITHIN, sent_at + CLOCKS_APART
    # What has no receipt was handed over when it changed last.
    went = Part.sent_at.between(after, before) | (Part.sent_at.is_null() & Part.changed_at.between(after, before))
    found = tuples(
        Message.select(Message.id, Message.broadcast)
        .join(Broadcast)
        .join_from(Message, Part, on=(Part.message == Message.id))
        .where(Message.msisdn == sender, Broadcast.kind.not_in(AUTOMATIC), Part.state.in_(_MAY_HAVE_IT), went)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return found[0] if found else None


def apply_ok(message_id: int, broadcast_id: int, at: datetime) -> None:
    """Count the OK of whoever got this message, once; inside the caller's transaction."""
    AlertReply.insert(message=message_id, broadcast=broadcast_id, at=at).on_conflict_ignore().execute()


def replies(broadcast_id: int, limit: int = 50) -> Replies:
    """The replies to this alert; at most `limit` of each kind are listed."""
    ok_total = AlertReply.select().where(AlertReply.broadcast == broadcast_id).count()
    others_total = InboundVerdict.select().where(_other(broadcast_id)).count()
    return Replies(
        int(ok_total), tuple(_said_ok(broadcast_id, limit)), int(others_total), tuple(_wrote(broadcast_id, limit))
    )


def _other(broadcast_id: int) -> Any:
    """The condition for other replies: neither STOP, START nor OK, and written by a person or ringing."""
    by_machines = InboundVerdict.silence.in_([str(Silence.ECHO), str(Silence.AUTOMATIC), str(Silence.OWN)])
    other = (InboundVerdict.meaning == str(Meaning.OTHER)) & ~by_machines
    return (InboundVerdict.broadcast == broadcast_id) & (other | (InboundVerdict.meaning == str(Meaning.ALARM)))


def _said_ok(broadcast_id: int, limit: int) -> list[Reply]:
    query = (
        AlertReply.select(Message.msisdn, Member.first_name, Member.last_name, AlertReply.at)
        .join(Message)
        .join(Member, JOIN.LEFT_OUTER, on=(Message.member == Member.id))
        .where(AlertReply.broadcast == broadcast_id)
        .order_by(AlertReply.at.desc(), AlertReply.id.desc())
        .limit(limit)
    )
    return [Reply(_name(first, last), msisdn, at, "", None) for msisdn, first, last, at in tuples(query)]


def _wrote(broadcast_id: int, limit: int) -> list[Reply]:
    query = (
        InboundVerdict.select(InboundMessage.id, InboundMessage.sender, InboundMessage.received_at, InboundMessage.text)
        .join(InboundMessage)
        .where(_other(broadcast_id))
        .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
        .limit(limit)
    )
    rows = tuples(query)
    names = names_of([sender for _id, sender, _at, _text in rows])
    return [Reply(names.get(sender, ""), sender, at, text, id_) for id_, sender, at, text in rows]


def _name(first: str | None, last: str | None) -> str:
    return f"{first or ''} {last or ''}".strip()
