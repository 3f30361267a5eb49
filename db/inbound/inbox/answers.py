"""Officers' marks on texts and mails, and their answers: stored with the press, sent by the jobs, one per press."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.inbound.inbox import items
from db.mail.readers import erase_mail_to
from db.models.mail import InboundMail
from db.models.mail import InboxAnswer as InboxAnswer  # the jobs name the rows that they get
from db.models.modem_records import InboundMessage, InboundVerdict, UnreadablePdu
from rules.replies.values import Meaning
from rules.sentences import CodedRefusal, stored_sentence

# Answers in a person's own words count together for so long.
COUNTED_FOR = timedelta(days=1)
_OWED = InboxAnswer.select().where(
    InboxAnswer.letter.is_null(), InboxAnswer.broadcast.is_null(), InboxAnswer.refused == ""
)
_ANY_OWED = Prepared(_OWED.limit(1))


def mark_taken(ref: items.Ref, by: str, now: datetime) -> bool:
    """This officer takes care of it; False if somebody does, or it was deleted. In the caller's transaction."""
    table = _table(ref)
    taken = table.update(taken_by=by, taken_at=now).where(table.id == ref.id, table.taken_by != by)
    return bool(taken.execute())


def mark_done(ref: items.Ref, by: str, now: datetime) -> bool:
    """A person has dealt with it; inside the caller's transaction. False if somebody already had, or it was deleted."""
    table = _table(ref)
    done = table.update(handled_by=by, handled_at=now).where(table.id == ref.id, table.handled_at.is_null())
    return bool(done.execute())


def mark_not_done(ref: items.Ref) -> bool:
    """Mark it as neither handled nor taken, inside the caller's transaction; False if it was not handled."""
    table = _table(ref)
    fresh = {"taken_by": "", "taken_at": None, "handled_by": "", "handled_at": None}
    return bool(table.update(fresh).where(table.id == ref.id, table.handled_by != "").execute())


def _table(ref: items.Ref) -> Any:
    return InboundMail if ref.channel == "mail" else InboundMessage


def erase_correspondence(numbers: Sequence[str], email: str | None, now: datetime) -> int:
    """Delete what came from these numbers and this address, with its answers, in the caller's transaction; returns how
    many. The digests of the mails are kept, so that none is read from the mailbox again."""
    gone = 0
    for number in numbers:
        gone += InboundMessage.delete().where(InboundMessage.sender == number).execute()
        UnreadablePdu.delete().where(UnreadablePdu.pdu.contains(_semi_octets(number))).execute()
    if email:
        came = InboundMail.delete().where((InboundMail.sender == email) | (InboundMail.reply_to == email))
        gone += came.execute()
        erase_mail_to(email, now)
    return int(gone)


def is_alarm_open(numbers: Sequence[str]) -> bool:
    """True while a text with a word of alarm from one of these numbers waits for an officer."""
    alarms = InboundVerdict.select().join(InboundMessage).where(InboundVerdict.meaning == str(Meaning.ALARM))
    return bool(alarms.where(InboundMessage.sender.in_(numbers), InboundMessage.handled_at.is_null()).exists())


def _semi_octets(mobile: str) -> str:
    """A number as encoded in a PDU: its digits in swapped pairs (23.040 § 9.1.2.3)."""
    digits = mobile.lstrip("+")
    digits += "F" * (len(digits) % 2)
    return "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))


def enqueue_answer(ref: items.Ref, kind: items.AnswerKind, body: str, key: str, by: str, now: datetime) -> bool:
    """Store an answer for the jobs to send, inside the caller's transaction; False where the key is known."""
    if InboxAnswer.select().where(InboxAnswer.key == key).exists():
        return False
    target = {"mail" if ref.channel == "mail" else "text": ref.id}
    InboxAnswer.create(key=key, kind=kind, body=body, by=by, at=now, **target)
    return True


def answered_by_hand(by: str, now: datetime) -> int:
    """The number of answers that this person wrote within a day."""
    lately = InboxAnswer.at.between(now - COUNTED_FOR, now + COUNTED_FOR)
    by_hand = InboxAnswer.key.startswith("text:") | InboxAnswer.key.startswith("reply:")
    return int(InboxAnswer.select().where(InboxAnswer.by == by, lately, by_hand).count())


def owed_replies(limit: int = 20) -> list[InboxAnswer]:
    """Answers still to be sent, oldest first: up to `limit` per channel, as a channel that is down keeps its own."""
    if not _ANY_OWED.first():
        return []
    waiting = _OWED.order_by(InboxAnswer.id).limit(limit)
    owed: list[InboxAnswer] = []
    for row in [*waiting.where(InboxAnswer.mail.is_null(False)), *waiting.where(InboxAnswer.text.is_null(False))]:
        for item in items.items_of(filter(None, [items.ref_of(row)])):
            row.item, row.person = item, items.person_of(item)
            row.language = reply_language(item, row.person)
            row.address = items.station_address(item) if row.kind == "station" else item.answer_to
            owed.append(row)
    return owed


def mark_reply_sent(reply_id: int, body: str, letter: int | None = None, broadcast: int | None = None) -> bool:
    """It is in the queue of mails, or in the outbox, with these words; False when it is erased by now."""
    sent = InboxAnswer.update(body=body, letter=letter, broadcast=broadcast).where(InboxAnswer.id == reply_id)
    with writing():
        return bool(sent.execute())


def mark_reply_refused(reply_id: int, why: CodedRefusal) -> None:
    """Record why the answer cannot be sent: the jobs ignore it from now on."""
    with writing():
        InboxAnswer.update(refused=why.stored).where(InboxAnswer.id == reply_id).execute()


def answers_of(refs: Iterable[items.Ref]) -> list[InboxAnswer]:
    """The answers to these messages, oldest first."""
    wanted = list(refs)
    to_these = InboxAnswer.text.in_(items.ids_of(wanted, "sms")) | InboxAnswer.mail.in_(items.ids_of(wanted, "mail"))
    answers = list(InboxAnswer.select().where(to_these).order_by(InboxAnswer.id))
    for row in answers:
        row.ref, row.refusal = items.ref_of(row), stored_sentence(row.refused)
    return answers


def reply_language(item: items.Item, person: items.Person) -> str:
    """The language of an answer: the member's, else the text's, else French."""
    if person.names or item.ref.channel == "mail":
        return person.language
    verdict = InboundVerdict.get_or_none(InboundVerdict.inbound == item.ref.id)
    return str(verdict.language) if verdict is not None else person.language
