"""The query under the inbox: every text and every mail that somebody wrote, with whose conversation it is in."""

from collections.abc import Collection
from typing import Any

from peewee import JOIN, Case, Value, fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared
from db.inbound.inbox.values import Ref
from db.models.answers import InboundVerdict
from db.models.mailbox import InboundMail, InboxMark
from db.models.modem_records import InboundMessage
from db.models.people import Member
from plp.rules.replies.values import Meaning

# What shows at the bulletin that it belongs to is nobody's letter.
READ_BY_PEOPLE = ("message", "automatic", "unreadable")
# More numbers and addresses than that are not named in a query: everything is read.
NAMED_AT_MOST = 1000


def rows(among: Collection[str] | None = None) -> Any:
    """A subquery with one row per message: channel, id, thread, at, and 0 or 1 for open, taken, settled, alarm.

    `thread` is m and a member's id, or s and a number or address; `settled`: a person is done with it. `among` are the
    numbers and addresses to read of, None for all.
    """
    texts, mails = _texts(), _mails()
    if among is not None:
        texts, mails = texts.where(InboundMessage.sender.in_(among)), mails.where(InboundMail.sender.in_(among))
    return texts.union_all(mails).alias("rows")


def waiting() -> list[str] | None:
    """Numbers and addresses of the conversations that hold something open, perhaps of more; None for too many."""
    return _with_kin(_OPEN.rows())


def correspondents(ref: Ref) -> list[str] | None:
    """The same of the conversation that `ref` is in."""
    table: Any = InboundMail if ref.channel == "mail" else InboundMessage
    return _with_kin(tuples(table.select(table.sender).where(table.id == ref.id)))


def senders_in(threads: Collection[str]) -> list[str]:
    """The numbers and addresses of these conversations."""
    members = [int(key[1:]) for key in threads if key.startswith("m")]
    theirs = _CONTACTS.rows(ids=list(members))
    return list({key[1:] for key in threads if key.startswith("s")}.union(*theirs) - {None})


_CONTACTS = Prepared(lambda ids: Member.select(Member.mobile, Member.email).where(Member.id.in_(ids)))


def _open() -> Any:
    texts = InboundMessage.select(InboundMessage.sender).where(InboundMessage.handled_at.is_null())
    mails = (
        InboundMail.select(InboundMail.sender)
        .join(InboxMark, JOIN.LEFT_OUTER, on=(InboxMark.mail == InboundMail.id))
        .where(InboundMail.kind.in_(READ_BY_PEOPLE), InboundMail.kind != "automatic", InboxMark.handled_at.is_null())
    )
    return texts.union(mails).limit(NAMED_AT_MOST)


def _kin(senders: list[Any]) -> Any:
    theirs = Member.mobile.in_(senders) | Member.email.in_(senders)
    return Member.select(Member.mobile, Member.email).where(theirs).limit(NAMED_AT_MOST)


_OPEN, _KIN = Prepared(_open), Prepared(_kin)


def _with_kin(rows: list[tuple[Any, ...]]) -> list[str] | None:
    """The senders, and the other addresses of members among them, who write by text and by mail; None for too many."""
    senders = {sender for (sender,) in rows}
    found = senders.union(*_KIN.rows(senders=list(senders))) - {None}
    return list(found) if len(found) < NAMED_AT_MOST else None


def _texts() -> Any:
    is_open = InboundMessage.handled_at.is_null()
    alarm = is_open & (InboundVerdict.meaning == str(Meaning.ALARM)) & InboxMark.taken_at.is_null()
    texts = _of(InboundMessage, "sms", Member.mobile, InboxMark.text, is_open, alarm)
    return texts.join_from(
        InboundMessage, InboundVerdict, JOIN.LEFT_OUTER, on=(InboundVerdict.inbound == InboundMessage.id)
    )


def _mails() -> Any:
    is_open = InboxMark.handled_at.is_null() & (InboundMail.kind != "automatic")
    mails = _of(InboundMail, "mail", Member.email, InboxMark.mail, is_open, Value(1) == Value(0))
    return mails.where(InboundMail.kind.in_(READ_BY_PEOPLE))


def _of(table: Any, channel: str, contact: Any, marked: Any, is_open: Any, alarm: Any) -> Any:
    return table.select(
        Value(channel).alias("channel"),
        table.id.alias("id"),
        _thread(contact == table.sender, table.sender).alias("thread"),
        table.received_at.alias("at"),
        *_flags(is_open, alarm),
    ).join(InboxMark, JOIN.LEFT_OUTER, on=(marked == table.id))


def _thread(is_theirs: Any, correspondent: Any) -> Any:
    only_one = Case(None, [(fn.COUNT(Member.id) == 1, Value("m").concat(fn.MIN(Member.id).cast("TEXT")))])
    # Each with a letter in front: no sender can be called like a member.
    return fn.COALESCE(Member.select(only_one).where(is_theirs), Value("s").concat(correspondent))


def _flags(is_open: Any, alarm: Any) -> tuple[Any, ...]:
    """1 or 0: both databases add those up."""
    taken = is_open & InboxMark.taken_at.is_null(False)
    settled = InboxMark.handled_by != ""
    named = (("open", is_open), ("taken", taken), ("settled", settled), ("alarm", alarm))
    return tuple(Case(None, [(condition, 1)], 0).alias(name) for name, condition in named)
