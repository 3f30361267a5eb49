"""Threads that announce when they will report next. One that misses that time hangs. A loop calls `alive` at every
turn, and before anything that may take longer, with its duration.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# How long a turn may take. One setting for loops and threads: WatchdogSec of the units, WATCHDOG_S of `plp run`.
TURN_S = int(os.environ.get("WATCHDOG_USEC") or 0) / 1e6 or 40.0

# By thread, in monotonic seconds.
_speaks_until_s: dict[int, float] = {}
_excused_until_s = 0.0


@contextmanager
def watched() -> Iterator[None]:
    """Watch this thread during the block."""
    _speaks_until_s[threading.get_ident()] = time.monotonic() + TURN_S
    try:
        yield
    finally:
        _speaks_until_s.pop(threading.get_ident(), None)


def alive(besides_s: float = 0.0) -> None:
    """This thread turns, and reports again within a turn and `besides_s`. No effect in an unwatched thread."""
    if (thread := threading.get_ident()) in _speaks_until_s:
        _speaks_until_s[thread] = time.monotonic() + TURN_S + besides_s


def excuse_all(besides_s: float) -> None:
    """Every thread of this process may be kept waiting for so long, by what this one does now."""
    global _excused_until_s
    _excused_until_s = time.monotonic() + besides_s
    alive(besides_s)


def forgive(now_s: float) -> None:
    """Give every watched thread a whole turn from now."""
    for thread, until_s in list(_speaks_until_s.items()):
        if thread in _speaks_until_s:
            _speaks_until_s[thread] = max(until_s, now_s + TURN_S)


def overdue(now_s: float) -> list[str]:
    """Names of the threads that hang."""
    if now_s < _excused_until_s:
        return []
    late = {thread for thread, until_s in list(_speaks_until_s.items()) if now_s > until_s}
    return sorted(thread.name for thread in threading.enumerate() if thread.ident in late)
