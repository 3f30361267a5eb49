"""Members who got an alert by another channel than SMS: a server has their mail or is about to get it, or somebody
called."""

from collections.abc import Collection
from typing import Any

from peewee import Field, Value, fn

from db.engine.base import tuples
from db.models.broadcasts import AlertCall, Broadcast
from db.models.mail import Mail
from db.models.people import Member
from rules.mail import MailState
from rules.states import CORRECTED

# A mail that still waits in our queue is stopped with its alert: nobody has it.
_LEFT = (MailState.SENDING, MailState.ACCEPTED)
_WAITING = (MailState.QUEUED, MailState.SENDING)


def mail_key(broadcast_id: int, member_id: int) -> str:
    """The idempotency key of the mail about this broadcast to this member."""
    return f"alert/{broadcast_id}/{member_id}"


def is_about(broadcast: Any) -> Any:
    """Condition on mails: the one about this broadcast, an id or a column, to the member; the same as `mail_key`."""
    return Mail.key == _key(broadcast, Member.id)


def are_about(broadcast_ids: Collection[int]) -> Any:
    """Condition on mails: about one of these, to whomever."""
    return Mail.key.in_([_key(number, Mail.member) for number in broadcast_ids])


def with_corrected(broadcast_id: int, before: int | None = None) -> list[int]:
    """The broadcast and those that brought its corrected text to others, `before` a later one: the recipients of all
    these have the alert.
    """
    theirs = Broadcast.select(Broadcast.id).where(Broadcast.original == broadcast_id, Broadcast.kind == CORRECTED)
    rows = tuples(theirs if before is None else theirs.where(Broadcast.id < before))
    return [broadcast_id, *sorted(row[0] for row in rows)]


def is_told(broadcast_ids: Collection[Any]) -> Any:
    """Condition on members: informed of one of these, ids or a column, by mail or by a call."""
    keys = [_key(number, Member.id) for number in broadcast_ids]
    mails = Mail.select(Mail.id).where(Mail.key.in_(keys), Mail.state.in_(_LEFT))
    calls = AlertCall.select(AlertCall.id).where(
        AlertCall.broadcast.in_(list(broadcast_ids)), AlertCall.member == Member.id
    )
    return fn.EXISTS(mails) | fn.EXISTS(calls)


def has_told(broadcast: Any) -> Any:
    """Condition on a broadcast, an id or a column: somebody was informed of it by mail or by a call."""
    return fn.EXISTS(Member.select(Member.id).where(is_told([broadcast])))


def is_being_mailed(broadcast_id: int) -> bool:
    """True while a mail about it waits for a server."""
    waiting = Mail.select(Mail.id).where(is_about(broadcast_id), Mail.state.in_(_WAITING))
    return bool(Member.select(Member.id).where(fn.EXISTS(waiting)).exists())


def _key(broadcast: Any, member: Any) -> Any:
    number = broadcast.cast("TEXT") if isinstance(broadcast, Field) else Value(str(broadcast))
    return Value("alert/").concat(number).concat("/").concat(member.cast("TEXT"))
