"""A lock for one modem's dialogue: one holder at a time; waiting threads are served by rank (abort, query, submit)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from heapq import heapify, heappop, heappush
from itertools import count


class Rank(IntEnum):
    """The purpose of a turn; the lower goes first."""

    ABORT = 0
    QUERY = 1
    SUBMIT = 2


class Turns:
    """A lock with ranks; equal ranks go in the order they came. Not re-entrant."""

    def __init__(self) -> None:
        self._condition = threading.Condition(threading.Lock())
        self._tickets = count()
        self._waiting: list[tuple[Rank, int]] = []
        self._held = False

    @contextmanager
    def taken(self, rank: Rank, meanwhile: Callable[[], None] | None = None) -> Iterator[None]:
        """The turn for the length of the block. `meanwhile` runs once this one waits, as `is_wanted` tells already."""
        ticket = (rank, next(self._tickets))
        with self._condition:
            heappush(self._waiting, ticket)
        try:
            if meanwhile:
                meanwhile()
            with self._condition:
                self._condition.wait_for(lambda: not self._held and self._waiting[0] == ticket)
                heappop(self._waiting)
                self._held = True
        except BaseException:
            self._withdraw(ticket)
            raise
        try:
            yield
        finally:
            with self._condition:
                self._held = False
                self._condition.notify_all()

    def is_wanted(self, rank: Rank) -> bool:
        """True when somebody of this rank waits."""
        with self._condition:
            return any(waiting == rank for waiting, _ in self._waiting)

    def _withdraw(self, ticket: tuple[Rank, int]) -> None:
        with self._condition:
            self._waiting.remove(ticket)
            heapify(self._waiting)
            self._condition.notify_all()
