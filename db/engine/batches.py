"""Bulk writes in short transactions, between which every other writer is let in."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from db.engine.connection import give_way, writing

# Target duration of one transaction, whatever the rows and the disk; no writer should wait for 50 ms.
GOAL_S = 0.02
FIRST_CHUNK = 50
CHUNK = 500
_Item = TypeVar("_Item")


class Pace:
    """Number of rows per transaction of a bulk writer: the next `size` follows from the time that the last one took."""

    def __init__(self) -> None:
        self.size = min(FIRST_CHUNK, CHUNK)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A write transaction on at most `size` rows; after it, writers that wait go first."""
        with writing():
            began = time.monotonic()
            yield
        took = max(time.monotonic() - began, 1e-4)
        self.size = max(1, min(CHUNK, 2 * self.size, int(self.size * GOAL_S / took)))
        give_way()


def in_chunks(items: Sequence[_Item], change: Callable[[Sequence[_Item]], object]) -> None:
    """Run `change(some)` in one transaction for each slice of the items. Call it outside transactions."""
    pace = Pace()
    done = 0
    while some := items[done : done + pace.size]:
        with pace.transaction():
            change(some)
        done += len(some)


def delete_in_chunks(table: Any, condition: Any) -> int:
    """Delete the rows for which `condition` holds; returns their number. Call it outside transactions."""
    rows = table.select(table.id).where(condition)
    return change_in_chunks(rows, lambda ids: table.delete().where(table.id.in_(ids)).execute())


def change_in_chunks(rows: Any, change: Callable[[list[int]], int]) -> int:
    """Run `change(ids)` in transactions on the ids that the query `rows` finds, until none is left; returns the sum."""
    pace = Pace()
    done = 0
    while ids := [row.id for row in rows.limit(pace.size)]:
        with pace.transaction():
            changed = int(change(ids))
        done += changed
        if not changed:  # somebody else was faster
            break
    return done
