"""The journal, a page at a time, each query from an index; and counts that are valid until the next entry."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import groupby
from threading import RLock
from typing import Any, Literal, ParamSpec, TypeVar

from peewee import fn

from db.engine.base import database
from db.engine.cached_queries import Prepared
from db.engine.connection import is_postgres_database
from db.journal.audit import Entry, as_entry
from db.models.zone import AuditEntry

Column = Literal["actor", "action", "subject"]
PER_PAGE = 50
# More entries of one moment than these are one line: an import, a change of many members.
AT_ONCE = 5
_FETCHED = 64
_MOST_VALUES = 500
# Microseconds since then, and the entry.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})")
P = ParamSpec("P")
T = TypeVar("T")
_MOST = 64
# Somebody came, was refused, or took a copy: what is counted stays the same. With these, each sign-in made the next
# officer's page count 50,000 members anew.
CHANGE_NOTHING = (
    "sign_in",
    "sign_in_refused",
    "session_ended",
    "access_refused",
    "factor_refused",
    "link_issued",
    "link_used",
    "members_exported",
    "group_exported",
    "plan_b_taken",
    "broadcast_people_taken",
    "member_consulted",
    "account_printed",
    "backup_made",
    "backup_handed_out",
)
_NEWEST = Prepared(AuditEntry.select(fn.MAX(AuditEntry.id)).where(AuditEntry.action.not_in(CHANGE_NOTHING)))


@dataclass(frozen=True, slots=True)
class JournalSearch:
    """Filters; empty ones do not narrow. One of `matches` must hold; None where nothing was searched for."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since_at: datetime | None = None
    until_at: datetime | None = None
    matches: tuple[tuple[Column, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry by its number. `at_once`: it represents all entries of its moment, which `entries_beside` lists."""

    id: int
    entry: Entry
    at_once: bool = False


def journal_page(search: JournalSearch, before: str = "", per_page: int = PER_PAGE) -> tuple[list[Line], str]:
    """Lines older than the place `before`, newest first; and the place where older ones begin, empty for none."""
    lines: list[tuple[Line, str]] = []
    place = before
    while len(lines) <= per_page:
        # The newest entries that fit, every alternative by its own index.
        fitting = {row.id: row for equal in _alternatives(search) for row in _newest(search, equal, place)}
        rows = sorted(fitting.values(), key=lambda row: (row.at, row.id), reverse=True)[:_FETCHED]
        moments = [list(rows) for _at, rows in groupby(rows, key=lambda row: row.at)]
        if len(rows) == _FETCHED and len(moments) > 1:
            moments.pop()  # it may go on
        for moment in moments:
            lines += _lines(moment)
        if len(rows) < _FETCHED:
            break
        place = lines[-1][1]
    shown = lines[:per_page]
    return [line for line, _place in shown], shown[-1][1] if len(lines) > per_page else ""


def entries_beside(entry_id: int, after: int = 0, limit: int = 200) -> list[Line]:
    """The entries of the same moment as this one in the order of writing, from the one after `after` on."""
    moment = AuditEntry.select(AuditEntry.at).where(AuditEntry.id == entry_id).scalar()
    if moment is None:
        return []
    rows = AuditEntry.select().where(AuditEntry.at == moment, AuditEntry.id > after).order_by(AuditEntry.id)
    return [Line(row.id, as_entry(row)) for row in rows.limit(limit)]


def values_of(column: Column) -> list[str]:
    """Every value that this column has, in order; one step in the index for one value."""
    field = getattr(AuditEntry, column)
    values: list[str] = []
    value = AuditEntry.select(fn.MIN(field)).scalar()
    while value is not None and len(values) < _MOST_VALUES:
        values.append(value)
        value = AuditEntry.select(fn.MIN(field)).where(field > value).scalar()
    return values


def _lines(moment: list[AuditEntry]) -> Iterator[tuple[Line, str]]:
    """The lines of one moment's entries, and the place after it."""
    at = (moment[0].at - _EPOCH) // timedelta(microseconds=1)
    if len(moment) > AT_ONCE:
        yield Line(moment[0].id, as_entry(moment[0]), at_once=True), f"{at}.0"
        return
    for row in moment:
        yield Line(row.id, as_entry(row)), f"{at}.{row.id}"


def _alternatives(search: JournalSearch) -> Iterator[dict[str, str]]:
    """The columns with their values, for all that was searched for."""
    wanted = {name: getattr(search, name) for name in ("actor", "action", "subject") if getattr(search, name)}
    for name, value in search.matches if search.matches is not None else [("", "")]:
        if wanted.get(name, value) == value:
            yield wanted | ({name: value} if name else {})


def _newest(search: JournalSearch, equal: dict[str, str], before: str) -> Any:
    query = AuditEntry.select().order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(_FETCHED)
    for name, value in equal.items():
        column = getattr(AuditEntry, name)
        # Entries about one thing are few: nothing else may lead to them.
        leads = name == "subject" or "subject" not in equal
        query = query.where((column if leads else column.concat("")) == value)
    if search.since_at is not None:
        query = query.where(AuditEntry.at >= search.since_at)
    if search.until_at is not None:
        query = query.where(AuditEntry.at < search.until_at)
    if place := _PLACE.fullmatch(before):
        at = _EPOCH + timedelta(microseconds=int(place[1]))
        # After entries of one moment that are one line, none of them is looked at again.
        rest = (AuditEntry.at <= at) & ((AuditEntry.at < at) | (AuditEntry.id < int(place[2])))
        query = query.where(rest if int(place[2]) else AuditEntry.at < at)
    return query


def until_journaled(count: Callable[P, T]) -> Callable[P, T]:
    """Keep the results of `count` while no change is journaled, for pages alone; not on PostgreSQL (other order)."""
    kept: dict[object, tuple[object, object, T]] = {}
    # Four visitors at once wait for one count; four counts would take four times as long.
    counting = RLock()

    @wraps(count)
    def counted(*args: P.args, **named: P.kwargs) -> T:
        if is_postgres_database():
            return count(*args, **named)
        with counting:
            # Before counting: what changes meanwhile is counted anew the next time.
            newest, key = _NEWEST.first(), (args, tuple(sorted(named.items())))
            known = kept.get(key)
            if known is not None and known[0] is database.obj and known[1] == newest:
                return known[2]
            result = count(*args, **named)
            if len(kept) >= _MOST:
                kept.clear()
            kept[key] = (database.obj, newest, result)
            return result

    return counted
