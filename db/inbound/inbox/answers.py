"""Answers of officers: stored when the button is pressed, sent by the jobs, each press once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.engine.cached_queries import Prepared
from db.engine.connection import take_turn, writing
from db.inbound.inbox.items import items_of
from db.inbound.inbox.marks import handle
from db.inbound.inbox.persons import person_of, station_address
from db.inbound.inbox.values import AnswerKind, Item, Person, Ref, SentAnswer
from db.journal import audit
from db.models.mailbox import InboxAnswer
from db.models.modem_records import InboundVerdict
from plp.rules.numbers import parse_mobile
from plp.rules.refusals import Refusal
from plp.rules.sentences import CodedRefusal, stored_sentence

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
            owed.append(
                OwedReply(row.id, row.key, _kind(row), row.body, row.by, row.at, item, person, address, language)
            )
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
        SentAnswer(
            _ref(row), _kind(row), row.body, row.by, row.at, row.letter, row.broadcast, stored_sentence(row.refused)
        )
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


def _kind(row: InboxAnswer) -> AnswerKind:
    kinds: dict[str, AnswerKind] = {"station": "station", "text": "text"}
    return kinds.get(row.kind, "letter")


def _language(item: Item, person: Person) -> str:
    if person.names or item.ref.channel == "mail":
        return person.language
    verdict = InboundVerdict.get_or_none(InboundVerdict.inbound == item.ref.id)
    return str(verdict.language) if verdict is not None else person.language
