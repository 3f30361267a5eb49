"""Acts of officers on what people wrote: « Je m'en occupe », « Traité », « À revoir », its erasure; and answers, stored
when the button is pressed and sent by the jobs, each press once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.engine.base import card_of
from db.engine.cached_queries import Prepared
from db.engine.connection import take_turn, writing
from db.inbound.inbox.items import items_of, person_of, station_address
from db.inbound.inbox.values import AnswerKind, Item, Person, Ref, SentAnswer
from db.inbound.received import mark_handled
from db.inbound.replies.waiting import ringing
from db.journal import audit
from db.mail.readers import erase_mail_to
from db.models.mail import InboundMail, InboxAnswer, InboxMark
from db.models.modem_records import InboundMessage, InboundVerdict, UnreadablePdu
from rules.numbers import parse_mobile
from rules.refusals import Refusal
from rules.replies.values import Meaning
from rules.sentences import CodedRefusal, stored_sentence


def take(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """This officer does what there is to do, whoever said so before; the alarm of a text stops ringing."""
    with writing():
        take_turn("inbox")
        for ref in refs:
            mark = marked(ref)
            if mark is not None and mark.taken_by != by:
                InboxMark.update(taken_by=by, taken_at=now).where(InboxMark.id == mark.id).execute()
                audit.record(now, by, "inbox_taken", f"{ref.channel} {ref.id}")


def take_ringing(inbound_id: int, by: str, now: datetime) -> bool:
    """The same of a text that rings; False when it rings no longer, as somebody else said so before."""
    with writing():
        take_turn("inbox")
        rings = any(each.inbound_id == inbound_id for each in ringing(now))
        if rings:
            take([Ref("sms", inbound_id)], by, now)
        return rings


def handle(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """Done with these, and with no message that came while they were read; the first who said so stays."""
    with writing():
        take_turn("inbox")
        for ref in refs:
            mark = marked(ref)
            if mark is None or not _handle(ref, mark, now):
                continue
            InboxMark.update(handled_by=by).where(InboxMark.id == mark.id).execute()
            audit.record(now, by, "inbox_handled", f"{ref.channel} {ref.id}")


def reopen(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """Not done after all: what a person was done with is to be looked at again, by anybody."""
    with writing():
        take_turn("inbox")
        for ref in refs:
            fresh = {"taken_by": "", "taken_at": None, "handled_by": "", "handled_at": None}
            query = InboxMark.update(fresh).where(_of(ref), InboxMark.handled_by != "")
            if query.execute():
                if ref.channel == "sms":
                    InboundMessage.update(handled_at=None).where(InboundMessage.id == ref.id).execute()
                audit.record(now, by, "inbox_reopened", f"{ref.channel} {ref.id}")


def _handle(ref: Ref, mark: InboxMark, now: datetime) -> bool:
    """False where it was done before. A text itself knows when it was; of a mail the mark does."""
    if ref.channel == "sms":
        return mark_handled(ref.id, now)
    open_ = (InboxMark.id == mark.id) & InboxMark.handled_at.is_null()
    return bool(InboxMark.update(handled_at=now).where(open_).execute())


def marked(ref: Ref) -> InboxMark | None:
    """The mark of a message, made where there is none; None where the message is gone."""
    table: type[InboundMail] | type[InboundMessage] = InboundMail if ref.channel == "mail" else InboundMessage
    if not table.select().where(table.id == ref.id).exists():
        return None
    found: InboxMark | None = InboxMark.get_or_none(_of(ref))
    if found is not None:
        return found
    made: InboxMark = InboxMark.create(**{"mail" if ref.channel == "mail" else "text": ref.id})
    return made


def _of(ref: Ref) -> object:
    return InboxMark.mail == ref.id if ref.channel == "mail" else InboxMark.text == ref.id


def erase_correspondence(numbers: Sequence[str], email: str | None, now: datetime, again: bool = False) -> int:
    """Delete what came from these numbers and this address, with its answers; returns how many texts and mails came.

    Inside the caller's transaction. Raises Refusal while a text with a word of alarm waits for an officer; not when it
    was done before, and is done `again` in an older copy. The digest of each mail stays, so that the mailbox brings
    none of them again.
    """
    gone = 0
    for number in numbers:
        if not again:
            _refuse_while_alarmed(number)
        gone += InboundMessage.delete().where(InboundMessage.sender == number).execute()
        UnreadablePdu.delete().where(UnreadablePdu.pdu.contains(_semi_octets(number))).execute()
    if email:
        came = InboundMail.delete().where((InboundMail.sender == email) | (InboundMail.reply_to == email))
        gone += came.execute()
        erase_mail_to(email, now)
    return int(gone)


def _refuse_while_alarmed(mobile: str) -> None:
    waits = (
        InboundVerdict.select()
        .join(InboundMessage)
        .where(
            InboundMessage.sender == mobile,
            InboundMessage.handled_at.is_null(),
            InboundVerdict.meaning == str(Meaning.ALARM),
        )
    )
    if waits.exists():
        raise Refusal(
            "Un SMS urgent de cette personne n'est pas traité : un policier doit d'abord le traiter, "
            "dans la boîte de réception."
        )


def _semi_octets(mobile: str) -> str:
    """A number as it stands in a PDU: its digits in swapped pairs (23.040 § 9.1.2.3)."""
    digits = mobile.lstrip("+")
    digits += "F" * (len(digits) % 2)
    return "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))


LONGEST_REPLY = 10_000


class GroupOnly(CodedRefusal):
    """An answer to one person would be read by a whole group."""

    def __init__(self) -> None:
        super().__init__("reply_group")


@dataclass(frozen=True, slots=True)
class OwedReply:
    """An answer that did not leave yet; `body` is empty for the station's.

    `address` is a number or an e-mail's, empty where only a group is known; `language` the member's, else the text's,
    else French.
    """

    id: int
    key: str
    kind: AnswerKind
    body: str
    by: str
    at: datetime
    item: Item
    person: Person
    address: str
    language: str


def enqueue_reply(ref: Ref, body: str, nonce: str, by: str, now: datetime) -> None:
    """Answer a mail with these words; the message is handled by that. The same `nonce` answers once. Raises Refusal."""
    if not body.strip():
        raise Refusal("Rédigez la réponse avant de l'envoyer.")
    if len(body) > LONGEST_REPLY:
        raise Refusal("La réponse est trop longue : {most} caractères au plus.", most=LONGEST_REPLY)
    _enqueue(ref, "letter", body.strip(), f"reply:{nonce}", by, now)


def enqueue_text_reply(ref: Ref, body: str, nonce: str, by: str, now: datetime) -> None:
    """Answer a text by this SMS, as `plp.services.orders` checked it; the same `nonce` answers once. Raises Refusal."""
    _enqueue(ref, "text", body, f"text:{nonce}", by, now)


def enqueue_station_answer(ref: Ref, by: str, now: datetime) -> None:
    """Point to the proximity station, in the writer's language, once per message; it is handled by that."""
    # SQLite gives the number of a message that is forgotten to another one.
    received = "".join(item.at.isoformat() for item in items_of([ref]))
    _enqueue(ref, "station", "", f"station:{ref.channel}:{ref.id}:{received}", by, now)


def can_be_answered(item: Item) -> bool:
    """True for an e-mail address or a Belgian mobile; an automatic message is never answered."""
    if item.is_automatic:
        return False
    if item.ref.channel == "mail":
        return "@" in item.answer_to
    try:
        return parse_mobile(item.sender) == item.sender
    except Refusal:
        return False


def owed_replies(limit: int = 20) -> list[OwedReply]:
    """Answers still to be sent, oldest first: up to `limit` per channel, as a channel that is down keeps its own."""
    if not _ANY_OWED.first():
        return []
    waiting = _owed().order_by(InboxAnswer.id).limit(limit)
    owed = []
    for row in [*waiting.where(InboxAnswer.mail.is_null(False)), *waiting.where(InboxAnswer.text.is_null(False))]:
        for item in items_of([_ref(row)]):
            person = person_of(item)
            language = _language(item, person)
            address = station_address(item) if row.kind == "station" else item.answer_to
            owed.append(card_of(OwedReply, row, item=item, person=person, address=address, language=language))
    return owed


def _owed() -> Any:
    return InboxAnswer.select().where(
        InboxAnswer.letter.is_null(), InboxAnswer.broadcast.is_null(), InboxAnswer.refused == ""
    )


_ANY_OWED = Prepared(_owed().limit(1))


def mark_reply_sent(reply_id: int, body: str, letter: int | None = None, broadcast: int | None = None) -> bool:
    """It is in the queue of mails, or in the outbox, with these words; False when it is erased by now."""
    sent = InboxAnswer.update(body=body, letter=letter, broadcast=broadcast).where(InboxAnswer.id == reply_id)
    with writing():
        return bool(sent.execute())


def mark_reply_refused(reply_id: int, why: CodedRefusal) -> None:
    """It will not leave, and why."""
    with writing():
        InboxAnswer.update(refused=why.stored).where(InboxAnswer.id == reply_id).execute()


def answers_of(refs: Iterable[Ref]) -> list[SentAnswer]:
    """The answers to these messages, oldest first."""
    wanted = list(refs)
    texts = [ref.id for ref in wanted if ref.channel == "sms"]
    mails = [ref.id for ref in wanted if ref.channel == "mail"]
    rows = InboxAnswer.select().where(InboxAnswer.text.in_(texts) | InboxAnswer.mail.in_(mails))
    return [
        card_of(SentAnswer, row, ref=_ref(row), refused=stored_sentence(row.refused))
        for row in rows.order_by(InboxAnswer.id)
    ]


def _enqueue(ref: Ref, kind: AnswerKind, body: str, key: str, by: str, now: datetime) -> None:
    item = next(iter(items_of([ref])), None)
    if item is None:
        raise CodedRefusal("reply_gone")
    if not can_be_answered(item):
        raise Refusal("Impossible de répondre à cet expéditeur.")
    if kind == "station" and not station_address(item):
        raise GroupOnly
    target = {"mail" if ref.channel == "mail" else "text": ref.id}
    with writing():
        take_turn("inbox")
        if InboxAnswer.select().where(InboxAnswer.key == key).exists():
            return
        InboxAnswer.create(key=key, kind=kind, body=body, by=by, at=now, **target)
        audit.record(now, by, "inbox_answered", f"{ref.channel} {ref.id}", answer=kind)
        handle([ref], by, now)


def _ref(row: InboxAnswer) -> Ref:
    return Ref("mail", row.mail_id) if row.mail_id is not None else Ref("sms", row.text_id or 0)


def _language(item: Item, person: Person) -> str:
    if person.names or item.ref.channel == "mail":
        return person.language
    verdict = InboundVerdict.get_or_none(InboundVerdict.inbound == item.ref.id)
    return str(verdict.language) if verdict is not None else person.language
