"""Counts that hold until the journal has a new entry: whoever changes people or settings writes one."""

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import ParamSpec, TypeVar

from peewee import fn

from db.engine.base import database
from db.engine.cached_queries import Prepared
from db.engine.connection import is_postgres_database
from db.models.zone import AuditEntry

P = ParamSpec("P")
T = TypeVar("T")

_MOST = 64
_NEWEST = Prepared(AuditEntry.select(fn.MAX(AuditEntry.id)))


def until_journaled(count: Callable[P, T]) -> Callable[P, T]:
    """Keep the results of `count`, by its arguments, while nothing is journaled. For pages that show a number, never
    for what is sent. PostgreSQL commits entries in another order than their numbers have: there all is counted anew.
    """
    kept: dict[object, tuple[object, object, T]] = {}
    # Four visitors at once wait for one count; four counts would take each of them four times as long.
    counting = RLock()

    @wraps(count)
    def counted(*args: P.args, **named: P.kwargs) -> T:
        if is_postgres_database():
            return count(*args, **named)
        with counting:
            # Before counting: what changes meanwhile is counted anew the next time.
            newest, key = _NEWEST.first(), (args, tuple(sorted(named.items())))
            found = kept.get(key)
            if found is not None and found[0] is database.obj and found[1] == newest:
                return found[2]
            result = count(*args, **named)
            if len(kept) >= _MOST:
                kept.clear()
            kept[key] = (database.obj, newest, result)
            return result

    return counted
