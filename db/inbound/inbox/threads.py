"""The list of conversations: what nobody looked at first, then the newest; and the query under it: every text and every
mail that somebody wrote, with whose conversation it is in.
"""

from collections.abc import Collection, Sequence
from typing import Any

from peewee import JOIN, Case, Select, Value, fn

from db.engine.base import Page, database, page_in, page_of, tuples
from db.engine.cached_queries import Prepared
from db.inbound.inbox.items import items_of, persons_of
from db.inbound.inbox.values import Ref, ThreadCard
from db.journal.unchanged import until_journaled
from db.models.mailbox import InboundMail, InboxMark
from db.models.modem_records import InboundMessage, InboundVerdict
from db.models.people import Member
from plp.rules.replies.values import Meaning

# What may be asked for: what is to be looked at, everything, one channel, what people were done with.
FILTERS = ("open", "all", "sms", "mail", "handled")
# What shows at the bulletin that it belongs to is nobody's letter.
READ_BY_PEOPLE = ("message", "automatic", "unreadable")
# More numbers and addresses than that are not named in a query: everything is read.
NAMED_AT_MOST = 1000


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
    return Prepared(ordered.limit(1).tuples())


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
    InboundMessage.select(InboundMessage.sender)
    .join(InboxMark, JOIN.LEFT_OUTER, on=(InboxMark.text == InboundMessage.id))
    .where(InboundMessage.handled_at.is_null(), InboxMark.taken_at.is_null())
    .distinct()
)
_WITH_MOBILE, _WITH_EMAIL = (
    Prepared(lambda contacts, column=column: Member.select(column, Member.id).where(column.in_(contacts)))
    for column in (Member.mobile, Member.email)
)
_NOBODYS_MAILS = Prepared(
    InboundMail.select(InboundMail.sender)
    .join(InboxMark, JOIN.LEFT_OUTER, on=(InboxMark.mail == InboundMail.id))
    .where(InboundMail.kind.in_(READ_BY_PEOPLE), InboundMail.kind != "automatic")
    .where(InboxMark.handled_at.is_null(), InboxMark.taken_at.is_null())
    .distinct()
)


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
    return _with_kin(_OPEN_ROWS.rows())


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


_OPEN_ROWS, _KIN = Prepared(_open), Prepared(_kin)


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
