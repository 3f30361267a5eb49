"""The process's word to its supervisor (sd_notify(3)): ready, still well, ending. Nothing where nobody supervises."""

import faulthandler
import gc
import logging
import os
import socket
import sys
import time
from contextlib import suppress

from plp.watchdog.threads import TURN_S, forgive, overdue

_log = logging.getLogger(__name__)

_TOLD_EVERY_S = TURN_S / 8


def notify(state: str) -> None:
    """Tell the supervisor `READY=1`, `WATCHDOG=1`, …, at the socket that $NOTIFY_SOCKET names."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as supervisor, suppress(OSError):
        supervisor.sendto(state.encode("ascii"), address.replace("@", "\0", 1) if address[0] == "@" else address)


class Watchdog:
    """Made by a process's main loop when it is ready; the loop calls `step` at every turn.

    While every watched thread turns, `step` reports it. When one hangs, it logs where and asks for a restart; when the
    loop itself hangs, the reports stop.
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
            forgive(now_s)
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
    """Exclude all present objects from the garbage collector's search: modules, tables and routes stay until the
    process ends. With them a full search takes 65 ms, and every thirtieth page of the console waited for one; without
    them 2 ms (docs/reference/trials.md, "Web").
    """
    gc.collect()
    gc.freeze()
