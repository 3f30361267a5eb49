"""The list of conversations: what nobody looked at first, then the newest."""

from collections.abc import Collection, Sequence
from typing import Any

from peewee import JOIN, Case, Select, Value, fn

from db.engine.base import database, tuples
from db.engine.cached_queries import Prepared
from db.engine.pages import Page, page_in, page_of
from db.inbound.inbox.items import items_of
from db.inbound.inbox.persons import persons_of
from db.inbound.inbox.rows import NAMED_AT_MOST, READ_BY_PEOPLE, correspondents, rows, senders_in, waiting
from db.inbound.inbox.values import Ref, ThreadCard
from db.journal.unchanged import until_journaled
from db.models.answers import InboundVerdict
from db.models.mailbox import InboundMail, InboxMark
from db.models.modem_records import InboundMessage
from db.models.people import Member

# What may be asked for: what is to be looked at, everything, one channel, what people were done with.
FILTERS = ("open", "all", "sms", "mail", "handled")


def threads(chosen: str = "open", page: int = 1, per_page: int = 50) -> Page[ThreadCard]:
    """A page of conversations; `chosen` is one of FILTERS."""
    if chosen != "open":
        kept = _kept(_NEWNESS.first(), chosen, page, per_page)
        return Page(_cards(kept.rows, senders_in([row[0] for row in kept.rows])), kept.total, kept.page, kept.pages)
    among = waiting()
    found = _OPEN.rows(**_named(among))
    # They are few, and another query for their number takes longer than to read them.
    return page_in(found, page, per_page, lambda found: _cards(found, among))


@until_journaled
def _kept(_newness: object, chosen: str, page: int, per_page: int) -> Page[Any]:
    """The page as rows; all messages of years are read for it, so it is kept until something changes."""
    grouped = _grouped(chosen, None)
    total = int(Select([grouped], [fn.COUNT(1)]).bind(database).scalar() or 0)
    return page_of(_ordered(grouped), total, page, per_page, tuples)


def _newness() -> Any:
    """Differs once something changed that the journal says nothing of."""
    waits = InboundMessage.select(fn.COUNT(InboundMessage.id)).where(InboundMessage.handled_at.is_null())
    columns = (InboundMessage.id, InboundMail.id, InboundVerdict.judged_at)
    return Select(None, [waits, *(column.model.select(fn.MAX(column)) for column in columns)]).bind(database)


_NEWNESS = Prepared(_newness)


def _cards(found: Sequence[Any], among: Collection[str] | None) -> list[ThreadCard]:
    newest = _newest([key for key, *_rest in found], among)
    items = {item.ref: item for item in items_of(newest.values())}
    there = [(row, items[newest[row[0]]]) for row in found if newest.get(row[0]) in items]
    persons = persons_of([item for _row, item in there])
    return [
        ThreadCard(
            person=persons[item.ref],
            last=item,
            items=count,
            open=opened,
            taken_by=item.taken_by if opened and taken == opened else "",
            is_alarm=bool(alarm),
        )
        for (_key, count, opened, taken, alarm), item in there
    ]


def unread() -> int:
    """Conversations that wait for somebody to say « Je m'en occupe ». Every page of an officer asks."""
    return len(_conversations(_WITH_MOBILE, _NOBODYS_TEXTS.rows()) | _conversations(_WITH_EMAIL, _NOBODYS_MAILS.rows()))


def _conversations(members_with: Prepared, found: Sequence[tuple[Any, ...]]) -> set[object]:
    """The conversations of these senders: that of the one member with this contact, else their own."""
    senders = [sender for (sender,) in found]
    theirs: dict[str, list[int]] = {sender: [] for sender in senders}
    for start in range(0, len(senders), NAMED_AT_MOST):
        for sender, member_id in members_with.rows(contacts=senders[start : start + NAMED_AT_MOST]):
            theirs[sender].append(member_id)
    return {members[0] if len(members) == 1 else sender for sender, members in theirs.items()}


def thread_of(ref: Ref, limit: int = 200) -> list[Ref]:
    """The conversation that `ref` is in, oldest first, the newest `limit` messages of it; nothing where it is gone."""
    among = correspondents(ref)
    found = rows(among)
    key = Select([found], [found.c.thread]).where(found.c.channel == ref.channel, found.c.id == ref.id).bind(database)
    named = tuples(key)
    if not named:
        return []
    return [Ref(channel, id_) for channel, id_ in reversed(_members(named[0][0], limit, among))]


def newest_item() -> Ref | None:
    """The newest message of all: whoever reads the list is told of a newer one, and the list stays as it is."""
    newest = sorted((*_NEWEST_TEXT.found(), *_NEWEST_MAIL.found()), key=lambda row: (row[2], row[1]))
    return Ref(*newest[-1][:2]) if newest else None


def _newest_of(table: Any, channel: str, condition: Any) -> Prepared:
    columns = (Value(channel), table.id, table.received_at)
    ordered = table.select(*columns).where(condition).order_by(table.received_at.desc(), table.id.desc())
    return Prepared(lambda: ordered.limit(1).tuples())


_NEWEST_TEXT = _newest_of(InboundMessage, "sms", InboundMessage.id.is_null(False))
_NEWEST_MAIL = _newest_of(InboundMail, "mail", InboundMail.kind.in_(READ_BY_PEOPLE))


def _members(key: str, limit: int, among: Collection[str] | None) -> list[tuple[Any, ...]]:
    found = rows(among)
    theirs = Select([found], [found.c.channel, found.c.id]).where(found.c.thread == key)
    return tuples(theirs.order_by(found.c.at.desc(), found.c.id.desc()).limit(limit).bind(database))


def _newest(keys: list[str], among: Collection[str] | None) -> dict[str, Ref]:
    """Conversation → its newest message."""
    newest: dict[str, Ref] = {}
    for key, channel, id_ in _NEWEST.rows(keys=list(keys), **_named(among)):
        newest.setdefault(key, Ref(channel, id_))
    return newest


def _named(among: Collection[str] | None) -> dict[str, list[str]]:
    return {} if among is None else {"among": list(among)}


def _newest_first(keys: list[Any], among: list[Any] | None = None) -> Any:
    found = rows(among)
    theirs = Select([found], [found.c.thread, found.c.channel, found.c.id]).where(found.c.thread.in_(keys))
    return theirs.order_by(found.c.at.desc(), found.c.id.desc()).bind(database)


def _grouped(chosen: str, among: Collection[str] | None) -> Any:
    """One row per conversation: thread, count, opened, taken, alarm, at."""
    found = rows(among)
    opened, settled = fn.SUM(found.c.open), fn.SUM(found.c.settled)
    of_channel = fn.SUM(Case(None, [(found.c.channel == chosen, 1)], 0))
    wanted = {
        "open": opened > 0,
        "sms": of_channel > 0,
        "mail": of_channel > 0,
        "handled": (opened == 0) & (settled > 0),
    }
    grouped = Select(
        [found],
        [
            found.c.thread,
            fn.COUNT(found.c.id).alias("count"),
            opened.alias("opened"),
            fn.SUM(found.c.taken).alias("taken"),
            fn.SUM(found.c.alarm).alias("alarm"),
            fn.MAX(found.c.at).alias("at"),
        ],
    ).group_by(found.c.thread)
    return (grouped.having(wanted[chosen]) if chosen in wanted else grouped).alias("grouped")


def _ordered(grouped: Any) -> Any:
    """An alarm, then what nobody took, then what somebody did, then what is done; the newest first in each."""
    c = grouped.c
    rank = Case(None, [(c.alarm > 0, 0), (c.opened > c.taken, 1), (c.opened > 0, 2)], 3)
    columns = [c.thread, c.count, c.opened, c.taken, c.alarm]
    return Select([grouped], columns).order_by(rank, c.at.desc(), c.thread).bind(database)


_OPEN = Prepared(lambda among=None: _ordered(_grouped("open", among)))
_NEWEST = Prepared(_newest_first)
_NOBODYS_TEXTS = Prepared(
    lambda: (
        InboundMessage.select(InboundMessage.sender)
        .join(InboxMark, JOIN.LEFT_OUTER, on=(InboxMark.text == InboundMessage.id))
        .where(InboundMessage.handled_at.is_null(), InboxMark.taken_at.is_null())
        .distinct()
    )
)
_WITH_MOBILE, _WITH_EMAIL = (
    Prepared(lambda contacts, column=column: Member.select(column, Member.id).where(column.in_(contacts)))
    for column in (Member.mobile, Member.email)
)
_NOBODYS_MAILS = Prepared(
    lambda: (
        InboundMail.select(InboundMail.sender)
        .join(InboxMark, JOIN.LEFT_OUTER, on=(InboxMark.mail == InboundMail.id))
        .where(InboundMail.kind.in_(READ_BY_PEOPLE), InboundMail.kind != "automatic")
        .where(InboxMark.handled_at.is_null(), InboxMark.taken_at.is_null())
        .distinct()
    )
)
