"""Bulk writing: short transactions, and whoever else wants to write goes in between. For every bulk writer."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from db.engine.connection import give_way, writing

# A transaction is to take so long, whatever the rows and the disk; nobody should wait for 50 ms.
GOAL_S = 0.02
FIRST_CHUNK = 50
CHUNK = 500
_Item = TypeVar("_Item")


class Pace:
    """How many rows a transaction of a bulk writer takes: the next `size` follows from what the last one took."""

    def __init__(self) -> None:
        self.size = min(FIRST_CHUNK, CHUNK)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A write transaction on at most `size` rows; after it whoever waits goes first."""
        with writing():
            began = time.monotonic()
            yield
        took = max(time.monotonic() - began, 1e-4)
        self.size = max(1, min(CHUNK, 2 * self.size, int(self.size * GOAL_S / took)))
        give_way()


def in_chunks(items: Sequence[_Item], change: Callable[[Sequence[_Item]], object]) -> None:
    """Run `change(some)` in a transaction for some of the items after the other. Inside no transaction."""
    pace = Pace()
    done = 0
    while some := items[done : done + pace.size]:
        with pace.transaction():
            change(some)
        done += len(some)


def delete_in_chunks(table: Any, condition: Any) -> int:
    """Delete the rows for which `condition` holds, outside transactions. Returns how many."""
    rows = table.select(table.id).where(condition)
    return change_in_chunks(rows, lambda ids: table.delete().where(table.id.in_(ids)).execute())


def change_in_chunks(rows: Any, change: Callable[[list[int]], int]) -> int:
    """Run `change(ids)` in a transaction on what the query `rows` finds, until it finds nothing; it says how many."""
    pace = Pace()
    done = 0
    while ids := [row.id for row in rows.limit(pace.size)]:
        with pace.transaction():
            changed = int(change(ids))
        done += changed
        if not changed:  # somebody else was faster
            break
    return done
