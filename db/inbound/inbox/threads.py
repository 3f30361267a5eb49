"""Conversations: every text and mail by whom it is of; what nobody looked at first, then the newest."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from peewee import JOIN, Select, Value, fn

from db.engine.base import Page, database, grouped, page_of, tuples
from db.engine.cached_queries import Prepared
from db.inbound.inbox.items import WITH_EMAIL, WITH_MOBILE, Channel, Ref, ThreadCard, items_of, persons_of
from db.journal.reading import until_journaled
from db.models.mail import InboundMail
from db.models.modem_records import InboundMessage, InboundVerdict
from db.models.people import Member
from rules.replies.values import Meaning

# The lists that a page may want: what is to be looked at, everything, one channel, what people were done with.
FILTERS = ("open", "all", "sms", "mail", "handled")
# What shows at the bulletin that it belongs to is nobody's letter.
READ_BY_PEOPLE = ("message", "automatic", "unreadable")
# More numbers and addresses than that are not named in a query: everything is read.
NAMED_AT_MOST = 1000
_WAITS = InboundMessage.select(fn.COUNT(InboundMessage.id)).where(InboundMessage.handled_at.is_null())
_LAST = [
    column.model.select(fn.MAX(column)) for column in (InboundMessage.id, InboundMail.id, InboundVerdict.judged_at)
]
# Differs once something changed that is not in the journal.
_NEWNESS = Prepared(lambda: Select(None, [_WAITS, *_LAST]).bind(database))
_KIN = Prepared(
    lambda contacts: Member.select(Member.mobile, Member.email).where(
        Member.mobile.in_(contacts) | Member.email.in_(contacts)
    )
)
_IS_READ = InboundMail.kind.in_(READ_BY_PEOPLE)
_OPEN_TEXT = InboundMessage.handled_at.is_null()
_OPEN_MAIL = InboundMail.handled_at.is_null() & (InboundMail.kind != "automatic")
_OPEN_TEXTS = Prepared(
    InboundMessage.select(Value("sms"), InboundMessage.sender, InboundMessage.taken_at.is_null(False)).where(_OPEN_TEXT)
)
_SENDERS = InboundMail.select(Value("mail"), InboundMail.sender, InboundMail.taken_at.is_null(False))
_OPEN_MAILS = Prepared(_SENDERS.where(_IS_READ, _OPEN_MAIL))


class _Message(NamedTuple):
    """A text or a mail, as it is put in order. `taken` by somebody; `settled`: a person is done with it."""

    at: Any
    id: int
    channel: Channel
    sender: str
    is_open: bool
    taken: bool
    settled: bool
    alarm: bool

    @property
    def ref(self) -> Ref:
        return Ref(self.channel, self.id)


def threads(chosen: str = "open", page: int = 1, per_page: int = 50) -> Page[ThreadCard]:
    """A page of conversations; `chosen` is one of FILTERS."""
    if chosen == "open":
        conversations = _conversations(_messages(_with_kin(sender for _channel, sender, _taken in _open())))
    else:
        conversations = _all(_NEWNESS.first())
    wanted = [conversation for conversation in conversations if _is_wanted(conversation, chosen)]
    return page_of(sorted(wanted, key=_rank), len(wanted), page, per_page, _cards)


def unread() -> int:
    """Conversations that wait until somebody presses « Traiter ce message ». Every page of an officer reads this."""
    waiting = [(channel, sender) for channel, sender, taken in _open() if not taken]
    whose = _whose(waiting)
    return len({whose[sender] for sender in waiting})


def thread_of(ref: Ref, limit: int = 200) -> list[Ref]:
    """The conversation that `ref` is in, oldest first, the newest `limit` messages of it; empty if it was deleted."""
    table: Any = InboundMail if ref.channel == "mail" else InboundMessage
    senders = [sender for (sender,) in tuples(table.select(table.sender).where(table.id == ref.id))]
    for conversation in _conversations(_messages(_with_kin(senders))):
        refs = [message.ref for message in conversation]
        if ref in refs:
            return refs[:limit][::-1]
    return []


def newest_item() -> Ref | None:
    """The newest message of all: a reader of the list is informed of a newer one, and the list does not change."""
    newest = [_Message(*row) for query in (_NEWEST_TEXT, _NEWEST_MAIL) for row in query.rows()]
    return max(newest).ref if newest else None


@until_journaled
def _all(_newness: object) -> list[list[_Message]]:
    """All conversations; the messages of years are read for it, so they are kept until something changes."""
    return _conversations(_messages(None))


def _is_wanted(conversation: list[_Message], chosen: str) -> bool:
    if chosen in ("sms", "mail"):
        return any(message.channel == chosen for message in conversation)
    opened = any(message.is_open for message in conversation)
    if chosen == "handled":
        return not opened and any(message.settled for message in conversation)
    return opened or chosen == "all"


def _rank(conversation: list[_Message]) -> int:
    """Alarms first, then conversations that nobody took, then those that somebody took, then those that are done."""
    if any(message.alarm for message in conversation):
        return 0
    opened = [message for message in conversation if message.is_open]
    if not opened:
        return 3
    return 2 if all(message.taken for message in opened) else 1


def _cards(conversations: Iterable[list[_Message]]) -> list[ThreadCard]:
    by_newest = {conversation[0].ref: conversation for conversation in conversations}
    items = items_of(by_newest)
    persons = persons_of(items)
    return [
        ThreadCard(
            person=persons[item.ref],
            last=item,
            items=len(conversation := by_newest[item.ref]),
            open=sum(message.is_open for message in conversation),
            taken_by=item.taken_by if _rank(conversation) == 2 else "",
            is_alarm=_rank(conversation) == 0,
        )
        for item in items
    ]


def _conversations(messages: Iterable[_Message]) -> list[list[_Message]]:
    """Each with its newest message first, and so are they."""
    newest_first = sorted(messages, reverse=True)
    whose = _whose((message.channel, message.sender) for message in newest_first)
    return list(grouped((whose[message.channel, message.sender], message) for message in newest_first).values())


def _whose(senders: Iterable[tuple[Channel, str]]) -> dict[tuple[Channel, str], object]:
    """The conversations of these senders: that of the one member with this contact, else their own."""
    whose: dict[tuple[Channel, str], object] = {sender: sender for sender in senders}
    members_with: dict[Channel, Prepared] = {"sms": WITH_MOBILE, "mail": WITH_EMAIL}
    for channel, query in members_with.items():
        contacts = [sender for of, sender in whose if of == channel]
        for start in range(0, len(contacts), NAMED_AT_MOST):
            theirs: dict[str, list[int]] = grouped(query.rows(contacts=contacts[start : start + NAMED_AT_MOST]))
            whose |= {(channel, contact): members[0] for contact, members in theirs.items() if len(members) == 1}
    return whose


def _messages(senders: Collection[str] | None) -> list[_Message]:
    named = {} if senders is None else {"senders": list(senders)}
    return [_Message(*row) for query in (_TEXTS, _MAILS) for row in query.rows(**named)]


def _open() -> list[tuple[Any, ...]]:
    """(channel, sender, taken) of what an officer has still to look at."""
    return [*_OPEN_TEXTS.rows(), *_OPEN_MAILS.rows()]


def _with_kin(senders: Iterable[str]) -> set[str] | None:
    """The senders, and the other addresses of the members among them; None if they are too many."""
    known = set(senders)
    if len(known) < NAMED_AT_MOST:
        known = known.union(*_KIN.rows(contacts=list(known))) - {None}
    return known if len(known) < NAMED_AT_MOST else None


def _columns(table: Any, channel: str, is_open: Any) -> tuple[Any, ...]:
    taken, settled = is_open & table.taken_at.is_null(False), table.handled_by != ""
    return table.received_at, table.id, Value(channel), table.sender, is_open, taken, settled


def _of_senders(table: Any, query: Any) -> Prepared:
    return Prepared(lambda senders=None: query if senders is None else query.where(table.sender.in_(senders)))


_MAIL_ROWS = InboundMail.select(*_columns(InboundMail, "mail", _OPEN_MAIL), Value(0)).where(_IS_READ)
_IS_ALARM = _OPEN_TEXT & (InboundVerdict.meaning == str(Meaning.ALARM)) & InboundMessage.taken_at.is_null()
_TEXT_ROWS = InboundMessage.select(*_columns(InboundMessage, "sms", _OPEN_TEXT), _IS_ALARM)
_JUDGED = _TEXT_ROWS.join(InboundVerdict, JOIN.LEFT_OUTER, on=(InboundVerdict.inbound == InboundMessage.id))
_ROWS = ((InboundMessage, _JUDGED), (InboundMail, _MAIL_ROWS))
_TEXTS, _MAILS = (_of_senders(table, query) for table, query in _ROWS)
_NEWEST_TEXT, _NEWEST_MAIL = (
    Prepared(query.order_by(table.received_at.desc(), table.id.desc()).limit(1)) for table, query in _ROWS
)
