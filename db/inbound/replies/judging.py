"""Texts that wait for a verdict, and the verdicts: one per text, made again when a missing part arrives; and answers
that were decided but not yet sent, none twice: the outbox has the key.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import take_turn, writing
from db.models.broadcasts import Broadcast
from db.models.modem_records import InboundMessage as InboundMessage  # the jobs name the rows that they get
from db.models.modem_records import InboundVerdict
from db.modems.budgets.board import board
from db.modems.sims import is_accepted
from rules.replies.loop_guard import ANSWERS_PER_HOUR, MOST_ANSWERS_PER_HOUR
from rules.replies.values import Answer, Meaning, Silence

# Per number and kind of answer: two gateways that answer one another end with one answer.
ANSWER_AT_MOST_EVERY = timedelta(hours=24)
# The parts of a text come within seconds; a call for help that lost one is not kept waiting for it.
HEARD_AFTER = timedelta(minutes=1)
_VERDICTS = Prepared(lambda ids: InboundVerdict.select().where(InboundVerdict.inbound.in_(ids)))
_OWED = Prepared(
    InboundVerdict.select(InboundVerdict, InboundMessage)
    .join(InboundMessage)
    .where(
        InboundVerdict.answer != str(Answer.NONE),
        InboundVerdict.silence == str(Silence.NONE),
        InboundVerdict.answered_at.is_null(),
    )
    .order_by(InboundVerdict.id)
    .limit(50)
)


def unjudged(limit: int = 50) -> list[InboundMessage]:
    """Texts, whole or given up, without a verdict on their present wording, oldest first; including handled ones, since
    a STOP counts."""
    return _unjudged(InboundMessage.completed_at.is_null(False) | InboundMessage.given_up_at.is_null(False), limit)


def unheard(now: datetime, limit: int = 50) -> list[InboundMessage]:
    """Texts that miss a part for a minute, which nobody looked into for a word of alarm as they read now."""
    missing = InboundMessage.completed_at.is_null() & InboundMessage.given_up_at.is_null()
    return _unjudged(missing & (InboundMessage.received_at <= now - HEARD_AFTER), limit)


def _unjudged(condition: Any, limit: int) -> list[InboundMessage]:
    heard = InboundMessage.stick.is_null() | is_accepted(InboundMessage.stick, InboundMessage.imsi)
    waiting = InboundMessage.select().where(InboundMessage.judged_at.is_null(), condition, heard)
    return list(waiting.order_by(InboundMessage.received_at, InboundMessage.id).limit(limit))


def begin_verdict(card: InboundMessage, now: datetime) -> bool:
    """First in the transaction that judges: False when another process did it, or the text reads otherwise by now."""
    take_turn("answers")
    judged = InboundMessage.update(judged_at=now).where(
        InboundMessage.id == card.id,
        InboundMessage.judged_at.is_null(),
        InboundMessage.text == card.text,
        # The same words are judged once more when nobody waits for the rest any longer.
        InboundMessage.completed_at.is_null(card.completed_at is None),
        InboundMessage.given_up_at.is_null(card.given_up_at is None),
    )
    return bool(judged.execute())


def save_verdict(
    inbound_id: int,
    now: datetime,
    meaning: Meaning,
    language: str,
    answer: Answer = Answer.NONE,
    silence: Silence = Silence.NONE,
    broadcast_id: int | None = None,
) -> None:
    """Store the verdict on a text, inside the caller's transaction. An answer already given is kept."""
    values = {"meaning": meaning, "language": language, "judged_at": now, "broadcast": broadcast_id}
    fate = {"answer": answer, "silence": silence}
    known = InboundVerdict.get_or_none(InboundVerdict.inbound == inbound_id)
    if known is None:
        InboundVerdict.insert(inbound=inbound_id, **values, **fate).execute()
        return
    if known.answered_at is None:
        values |= fate
    InboundVerdict.update(**values).where(InboundVerdict.id == known.id).execute()


def was_answered(sender: str, answer: Answer, now: datetime, apart_from: int) -> bool:
    """True when this number got such an answer within 24 hours, or is about to, to another text than `apart_from`."""
    given = (InboundVerdict.answer == str(answer)) & (InboundVerdict.silence == str(Silence.NONE))
    return bool(_verdicts_on(sender, now, apart_from).where(given).exists())


def had_left(sender: str, now: datetime, apart_from: int) -> bool:
    """True when a STOP of this number counted within 24 hours, in another text than `apart_from`."""
    idle = [str(silence) for silence in (Silence.HELD, Silence.REJECTED, Silence.STRANGER)]
    counted = (InboundVerdict.meaning == str(Meaning.STOP)) & InboundVerdict.silence.not_in(idle)
    return bool(_verdicts_on(sender, now, apart_from).where(counted).exists())


def _verdicts_on(sender: str, now: datetime, apart_from: int) -> Any:
    return (
        InboundVerdict.select()
        .join(InboundMessage, on=(InboundVerdict.inbound == InboundMessage.id))
        .where(
            InboundMessage.sender == sender,
            InboundMessage.id != apart_from,
            InboundVerdict.judged_at > now - ANSWER_AT_MOST_EVERY,
        )
    )


def limit_on(sender: str, answer: Answer, now: datetime, apart_from: int) -> Silence:
    """The reason to hold back an answer that is due: this number got one, the hour's ceiling, or the SIMs' budgets.

    The last fifth of a budget is for alerts; an answer to a STOP has a separate ceiling, and no budget.
    """
    if was_answered(sender, answer, now, apart_from):
        return Silence.REPEATED
    is_for_anybody = answer in (Answer.NOT_READ, Answer.NO_PICTURES)
    most = ANSWERS_PER_HOUR if is_for_anybody else MOST_ANSWERS_PER_HOUR
    if answers_since(now - timedelta(hours=1)) >= most:
        return Silence.CEILING
    cards = [card for card in board(now) if card.present] if is_for_anybody else []
    spare = not cards or any(all(meter.tone == "free" for meter in card.meters) for card in cards)
    return Silence.NONE if spare else Silence.BUDGET


def answers_since(when: datetime) -> int:
    """The number of automatic answers since `when`, of all hosts, those about to leave included."""
    query = InboundVerdict.select(fn.COUNT(InboundVerdict.id)).where(
        InboundVerdict.judged_at > when,
        InboundVerdict.answer != str(Answer.NONE),
        InboundVerdict.silence == str(Silence.NONE),
    )
    return int(query.scalar())


def verdicts(inbound_ids: Iterable[int]) -> dict[int, InboundVerdict]:
    """The verdicts on these texts, by the text's id; a text that waits for one is left out."""
    return {row.inbound_id: row for row in _VERDICTS.results(ids=list(inbound_ids))}


def owed_answers() -> list[InboundVerdict]:
    """The verdicts whose answer is still to be sent, with their texts, oldest first."""
    return _OWED.results()


def answer_orders(texts: Iterable[tuple[int, datetime]]) -> dict[int, int]:
    """Text → the broadcast that is its automatic answer, for those (id, received_at) that have one still kept."""
    keys = {answer_key(inbound_id, received_at): inbound_id for inbound_id, received_at in texts}
    rows = Broadcast.select(Broadcast.idempotency_key, Broadcast.id).where(Broadcast.idempotency_key.in_(list(keys)))
    return {keys[key]: broadcast_id for key, broadcast_id in tuples(rows)}


def answer_key(inbound_id: int, received_at: datetime) -> str:
    """The idempotency key of an answer. SQLite reuses the number of a deleted text."""
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
