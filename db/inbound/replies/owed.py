"""Answers that were decided and did not go out yet. A crash in between sends none twice: the outbox knows the key."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import SQL

from db.engine.base import tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.models.answers import InboundVerdict
from db.models.broadcasts import Broadcast
from db.models.modem_records import InboundMessage
from plp.rules.replies.values import Answer, Silence


@dataclass(frozen=True, slots=True)
class OwedAnswer:
    """One answer to give; `key` makes giving it twice impossible."""

    inbound_id: int
    sender: str
    answer: Answer
    language: str
    sent_at: datetime
    received_at: datetime

    @property
    def key(self) -> str:
        """Its idempotency key. SQLite gives the number of a text that is forgotten to another one."""
        return _key(self.inbound_id, self.received_at)


def owed_answers(limit: int = 50) -> list[OwedAnswer]:
    """Answers that are still to be sent, oldest first."""
    if not _ANY_OWED.first():
        return []
    joined = InboundVerdict.select(InboundVerdict, InboundMessage).join(InboundMessage)
    rows = joined.where(*_owed()).order_by(InboundVerdict.id).limit(limit)
    return [
        OwedAnswer(
            row.inbound_id,
            row.inbound.sender,
            Answer(row.answer),
            row.language,
            row.inbound.sent_at,
            row.inbound.received_at,
        )
        for row in rows
    ]


def _owed() -> tuple[Any, ...]:
    return (
        InboundVerdict.answer != str(Answer.NONE),
        InboundVerdict.silence == str(Silence.NONE),
        InboundVerdict.answered_at.is_null(),
    )


_ANY_OWED = Prepared(lambda: InboundVerdict.select(SQL("1")).where(*_owed()).limit(1))


def answer_orders(texts: Iterable[tuple[int, datetime]]) -> dict[int, int]:
    """Text → the broadcast that is its automatic answer, for those (id, received_at) that have one still kept."""
    keys = {_key(inbound_id, received_at): inbound_id for inbound_id, received_at in texts}
    found = Broadcast.select(Broadcast.idempotency_key, Broadcast.id).where(Broadcast.idempotency_key.in_(list(keys)))
    return {keys[key]: broadcast_id for key, broadcast_id in tuples(found)}


def _key(inbound_id: int, received_at: datetime) -> str:
    return f"answer:{inbound_id}:{received_at.isoformat()}"


def mark_answered(inbound_id: int, now: datetime) -> None:
    """The answer is in the outbox."""
    with writing():
        InboundVerdict.update(answered_at=now).where(InboundVerdict.inbound == inbound_id).execute()


def mark_silent(inbound_id: int, silence: Silence) -> None:
    """It will not be answered after all."""
    with writing():
        waiting = InboundVerdict.update(silence=str(silence)).where(InboundVerdict.inbound == inbound_id)
        waiting.where(InboundVerdict.answered_at.is_null()).execute()
