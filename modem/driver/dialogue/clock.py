"""Waiting, apart from the dialogue, so that tests need not wait."""

import time
from queue import SimpleQueue
from typing import Protocol, TypeVar

from plp.watchdog.threads import alive

T = TypeVar("T")


class Clock(Protocol):
    """The time, and the waiting, of a dialogue."""

    def monotonic(self) -> float:
        """Seconds from a fixed point."""
        ...

    def get(self, source: SimpleQueue[T], timeout_s: float) -> T:
        """The next of `source`; raises queue.Empty when none came in time."""
        ...


class SystemClock:
    """The machine's own."""

    def monotonic(self) -> float:
        return time.monotonic()

    def get(self, source: SimpleQueue[T], timeout_s: float) -> T:
        alive(max(0.0, timeout_s))
        return source.get(timeout=max(0.0, timeout_s))
