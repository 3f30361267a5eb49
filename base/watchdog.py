"""Threads announce when they will report next (`alive`); one that misses that time hangs. The process's word to its
supervisor (sd_notify(3)), if it has one (docs/adr/0038).
"""

import faulthandler
import gc
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# How long a turn may take. One setting for loops and threads: WatchdogSec of the units, WATCHDOG_S of `plp run`.
TURN_S = int(os.environ.get("WATCHDOG_USEC") or 0) / 1e6 or 40.0
# By thread, in monotonic seconds.
_speaks_until_s: dict[int, float] = {}
_excused_until_s = 0.0
_log = logging.getLogger(__name__)
_TOLD_EVERY_S = TURN_S / 8


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


def overdue(now_s: float) -> list[str]:
    """Names of the threads that hang."""
    if now_s < _excused_until_s:
        return []
    late = {thread for thread, until_s in list(_speaks_until_s.items()) if now_s > until_s}
    return sorted(thread.name for thread in threading.enumerate() if thread.ident in late)


def notify(state: str) -> None:
    """Tell the supervisor `READY=1`, `WATCHDOG=1`, …, at the socket that $NOTIFY_SOCKET names."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as supervisor, suppress(OSError):
        supervisor.sendto(state.encode("ascii"), address.replace("@", "\0", 1) if address[0] == "@" else address)


class Watchdog:
    """Made by a process's main loop when it is ready; the loop calls `step` at every turn, which reports that all
    threads turn, or logs where one hangs and asks for a restart.
    """

    def __init__(self) -> None:
        self._stepped_s = time.monotonic()
        self._due_s = 0.0
        notify("READY=1")

    def step(self) -> None:
        """Look at the threads, when it is time."""
        now_s = time.monotonic()
        if now_s < self._due_s:
            return
        if now_s - self._stepped_s > TURN_S / 2:  # the whole process stood still: no thread could speak
            for thread, until_s in list(_speaks_until_s.items()):
                if thread in _speaks_until_s:
                    _speaks_until_s[thread] = max(until_s, now_s + TURN_S)
        self._stepped_s, self._due_s = now_s, now_s + _TOLD_EVERY_S
        if hung := overdue(now_s):
            _log.error("%s: hung; this process is to be started anew", ", ".join(hung))
            with suppress(OSError, ValueError, AttributeError):  # where stderr is no file
                faulthandler.dump_traceback(sys.stderr)
            notify("WATCHDOG=trigger")
            self._due_s = float("inf")
        else:
            notify("WATCHDOG=1")


def keep_loaded() -> None:
    """Take modules, tables and routes out of the garbage collector's search: with them a full one takes 65 ms, and
    every thirtieth page waited for it; without 2 ms (docs/trials.md, "Web").
    """
    gc.collect()
    gc.freeze()
