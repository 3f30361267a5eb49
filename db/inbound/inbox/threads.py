"""The list of conversations: what nobody looked at first, then the newest."""

from collections.abc import Collection, Sequence
from typing import Any

from peewee import Case, Select, Value, fn

from db.engine.base import database, tuples
from db.engine.pages import Page, page_of
from db.inbound.inbox.items import items_of
from db.inbound.inbox.persons import persons_of
from db.inbound.inbox.rows import READ_BY_PEOPLE, correspondents, rows, waiting
from db.inbound.inbox.values import Ref, ThreadCard
from db.models.mailbox import InboundMail
from db.models.modem_records import InboundMessage

# What may be asked for: what is to be looked at, everything, one channel, what people were done with.
FILTERS = ("open", "all", "sms", "mail", "handled")


def threads(chosen: str = "open", page: int = 1, per_page: int = 50) -> Page[ThreadCard]:
    """A page of conversations; `chosen` is one of FILTERS."""
    among = waiting() if chosen == "open" else None
    grouped = _grouped(chosen, among)
    total = int(Select([grouped], [fn.COUNT(1)]).bind(database).scalar() or 0)
    return page_of(_ordered(grouped), total, page, per_page, lambda found: _cards(tuples(found), among))


def _cards(found: Sequence[Any], among: Any) -> list[ThreadCard]:
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
    """Conversations that wait for somebody to say « Je m'en occupe »."""
    found = rows(waiting())
    nobodys = Select([found], [found.c.thread]).where(found.c.open == 1, found.c.taken == 0).group_by(found.c.thread)
    return int(Select([nobodys.alias("nobodys")], [fn.COUNT(1)]).bind(database).scalar() or 0)


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
    text, mail = InboundMessage, InboundMail
    texts = text.select(Value("sms"), text.id, text.received_at).order_by(text.received_at.desc(), text.id.desc())
    mails = mail.select(Value("mail"), mail.id, mail.received_at).order_by(mail.received_at.desc(), mail.id.desc())
    read = mails.where(mail.kind.in_(READ_BY_PEOPLE))
    newest = sorted((*tuples(texts.limit(1)), *tuples(read.limit(1))), key=lambda row: (row[2], row[1]))
    return Ref(*newest[-1][:2]) if newest else None


def _members(key: str, limit: int, among: Collection[str] | None) -> list[tuple[Any, ...]]:
    found = rows(among)
    theirs = Select([found], [found.c.channel, found.c.id]).where(found.c.thread == key)
    return tuples(theirs.order_by(found.c.at.desc(), found.c.id.desc()).limit(limit).bind(database))


def _newest(keys: list[str], among: Collection[str] | None) -> dict[str, Ref]:
    """Conversation → its newest message."""
    found = rows(among)
    theirs = Select([found], [found.c.thread, found.c.channel, found.c.id]).where(found.c.thread.in_(keys))
    newest: dict[str, Ref] = {}
    for key, channel, id_ in tuples(theirs.order_by(found.c.at.desc(), found.c.id.desc()).bind(database)):
        newest.setdefault(key, Ref(channel, id_))
    return newest


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
