"""Texts that wait for a verdict, and the verdicts; answers that were decided but not sent, none twice; the senders:
their names, the SIMs of our own, and the texts that we sent (for the loop guard)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from db.engine.base import put, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import take_turn, writing
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.models.modem_records import InboundMessage as InboundMessage  # the jobs name the rows that they get
from db.models.modem_records import InboundVerdict, OwnNumber
from db.models.people import Member, Neighbourhood
from db.modems.budgets import board
from db.modems.sims import is_accepted
from rules.replies.meaning import ANSWERS_PER_HOUR, MOST_ANSWERS_PER_HOUR
from rules.replies.values import Answer, Meaning, SenderCard, Silence

# Per number and kind of answer: two gateways that answer one another end with one answer.
ANSWER_AT_MOST_EVERY = timedelta(hours=24)
# The parts of a text come within seconds; a call for help that lost one is not kept waiting for it.
HEARD_AFTER = timedelta(minutes=1)
_VERDICTS = Prepared(lambda ids: InboundVerdict.select().where(InboundVerdict.inbound.in_(ids)))
_IS_ANSWERED = (InboundVerdict.answer != str(Answer.NONE), InboundVerdict.silence == str(Silence.NONE))
_OWED = Prepared(
    InboundVerdict.select(InboundVerdict, InboundMessage)
    .join(InboundMessage)
    .where(*_IS_ANSWERED, InboundVerdict.answered_at.is_null())
    .order_by(InboundVerdict.id)
    .limit(50)
)
# A text that comes back within this is ours: a gateway that forwards, or a phone that quotes.
ECHOES_WITHIN = timedelta(hours=24)
MOST_ANSWERS = 20
_AT_ONCE = 50
_IS_ENDED = InboundMessage.completed_at.is_null(False) | InboundMessage.given_up_at.is_null(False)
_WAITING = (
    InboundMessage.select()
    .where(
        InboundMessage.judged_at.is_null(),
        InboundMessage.stick.is_null() | is_accepted(InboundMessage.stick, InboundMessage.imsi),
    )
    .order_by(InboundMessage.received_at, InboundMessage.id)
    .limit(_AT_ONCE)
)
_UNJUDGED = Prepared(_WAITING.where(_IS_ENDED))
_UNHEARD = Prepared(_WAITING.where(~_IS_ENDED, InboundMessage.received_at <= given("before")))
_OWN_NUMBERS = Prepared(OwnNumber.select(OwnNumber.modem, OwnNumber.msisdn).where(OwnNumber.host == given("host")))
_UNTOLD = Prepared(OwnNumber.select(OwnNumber.msisdn).where(~OwnNumber.told).distinct().order_by(OwnNumber.msisdn))
_BODIES = BroadcastText.select(BroadcastText.body).join(Broadcast)


def unjudged() -> list[InboundMessage]:
    """Texts, whole or given up, without a verdict on their wording, oldest first; handled ones too: a STOP counts."""
    return _UNJUDGED.results()


def unheard(now: datetime) -> list[InboundMessage]:
    """Texts that miss a part for a minute, which nobody looked into for a word of alarm as they read now."""
    return _UNHEARD.results(before=now - HEARD_AFTER)


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
    known = InboundVerdict.get_or_none(InboundVerdict.inbound == inbound_id)
    if known is None or known.answered_at is None:
        values |= {"answer": answer, "silence": silence}
    put(InboundVerdict, {"inbound": inbound_id}, **values)


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
    lately = InboundVerdict.judged_at > now - ANSWER_AT_MOST_EVERY
    verdicts_on = InboundVerdict.select().join(InboundMessage)
    return verdicts_on.where(InboundMessage.sender == sender, InboundMessage.id != apart_from, lately)


def limit_on(sender: str, answer: Answer, now: datetime, apart_from: int) -> Silence:
    """The reason to hold back an answer that is due: this number got one, the hour's ceiling, or the SIMs' budgets. The
    last fifth of a budget is for alerts; an answer to a STOP has a ceiling of its own, and no budget."""
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
    return int(InboundVerdict.select().where(InboundVerdict.judged_at > when, *_IS_ANSWERED).count())


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


def sender_card(number: str) -> SenderCard:
    """The member with this number; of several who share it, the first one added."""
    is_own = bool(OwnNumber.select().where(OwnNumber.msisdn == number).exists())
    members = Member.select(Member, Neighbourhood).join(Neighbourhood).where(Member.mobile == number)
    row = members.order_by(Member.id).first()
    if row is None:
        return SenderCard(False, "", "", is_own)
    return SenderCard(True, row.language, row.neighbourhood.reference_address, is_own, row.neighbourhood.name)


def texts_sent_lately(now: datetime) -> list[str]:
    """Every different text that was sent to anybody within 24 hours."""
    return [body for (body,) in tuples(_BODIES.where(Broadcast.created_at > now - ECHOES_WITHIN).distinct())]


def answers_sent_to(number: str) -> list[str]:
    """The newest automatic answers to this number that are still kept: one that comes back days later is also ours."""
    to_it = _BODIES.join(Message, on=(Message.broadcast == Broadcast.id))
    answers = to_it.where(Message.msisdn == number, Broadcast.kind == "answer").order_by(Broadcast.id.desc())
    return [body for (body,) in tuples(answers.limit(MOST_ANSWERS))]


def apply_own_numbers(host: str, numbers: Mapping[str, str]) -> None:
    """Remember the numbers of this host's SIMs, by the name of the modem, for every host."""
    if dict(_OWN_NUMBERS.rows(host=host)) == dict(numbers):
        return
    with writing():
        public = {row.msisdn for row in OwnNumber.select() if row.told}
        OwnNumber.delete().where(OwnNumber.host == host).execute()
        for modem, msisdn in numbers.items():
            OwnNumber.create(host=host, modem=modem, msisdn=msisdn, told=not public or msisdn in public)


def untold_numbers() -> list[str]:
    """Those of them that were added after the first, and that the members do not know yet."""
    return [msisdn for (msisdn,) in _UNTOLD.rows()]


def mark_numbers_told(numbers: Collection[str]) -> None:
    """Mark these as known to the members, inside the caller's transaction."""
    OwnNumber.update(told=True).where(OwnNumber.msisdn.in_(list(numbers))).execute()


def own_numbers() -> list[str]:
    """The numbers of the SIMs of every host that shares this database."""
    return [msisdn for (msisdn,) in tuples(OwnNumber.select(OwnNumber.msisdn).distinct().order_by(OwnNumber.msisdn))]


def names_of(numbers: Iterable[str]) -> dict[str, str]:
    """Number → name of the member who has it, the first of several; strangers are left out."""
    query = Member.select(Member.mobile, Member.first_name, Member.last_name).where(Member.mobile.in_(list(numbers)))
    first_last = tuples(query.order_by(Member.id.desc()))
    return {mobile: f"{first} {last}".strip() for mobile, first, last in first_last}
