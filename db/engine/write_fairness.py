"""Bulk writers yield SQLite's write lock between their transactions.

A waiting writer looks only now and then (after 1 ms, then up to every 100 ms), so a writer that begins anew at once
always has the lock first. Who waits therefore holds a shared lock on a file beside the database, and a bulk writer
waits while it is held; so do threads of one process, also on PostgreSQL, where `database` is None. The order of an
alert, in many transactions too, goes before other bulk writers, and gives way to writers of a single transaction, such
as a modem (docs/adr/0023).
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Who waits sleeps for up to 100 ms between two looks; several take their turns. Who still waits after that is held up
# by somebody else. An order to a hundred thousand takes a second, several on a slow card.
PATIENCE_S = 0.5
PATIENCE_WITH_ORDERS_S = 5.0
_LOOK_EVERY_S = 0.002
# Whoever looks at a flag holds it for some microseconds; raising it meanwhile fails once, hardly ever twice.
_TRIES = 5
_TRY_EVERY_S = 0.0005
# A file system without locks, or no file (its number is negative).
_NO_LOCK = (OSError, ValueError)


class Flag:
    """A flag that is raised while a thread of any process raises it. The kernel lowers it for a process that dies."""

    def __init__(self, file: Path | None) -> None:
        self._raised = 0
        self._counting = threading.Lock()
        self._own = self._others = -1
        if file is not None:
            with suppress(OSError):  # a folder that nobody can write to: nothing else can be written in it either
                self._own = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
                # A lock of its own: one descriptor cannot ask for what it holds.
                self._others = os.open(file, os.O_RDWR | os.O_CLOEXEC)

    def __del__(self) -> None:
        for descriptor in (self._own, self._others):
            if descriptor >= 0:
                os.close(descriptor)

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Raise the flag during the block. Never waits."""
        with self._counting:
            self._raised += 1
            if self._raised == 1:
                self._lock()
        try:
            yield
        finally:
            with self._counting:
                self._raised -= 1
                if not self._raised:
                    with suppress(*_NO_LOCK):
                        fcntl.flock(self._own, fcntl.LOCK_UN)

    def is_raised(self) -> bool:
        """True when any thread of any process has raised it."""
        if self._raised:
            return True
        try:
            fcntl.flock(self._others, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except _NO_LOCK:
            return False
        fcntl.flock(self._others, fcntl.LOCK_UN)
        return False

    def _lock(self) -> None:
        for _ in range(_TRIES):
            try:
                fcntl.flock(self._own, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_TRY_EVERY_S)
            except _NO_LOCK:
                return
            else:
                return


class WriteFairness:
    """The turns to write among the threads of this process and the processes that use the SQLite file `database`."""

    def __init__(self, database: Path | None) -> None:
        self._waiting = Flag(database and Path(f"{database}.waiting.lock"))
        self._orders = Flag(database and Path(f"{database}.order.lock"))
        # Who may write one transaction after the other, and for whom it waits: `with waiting()` until it has the lock.
        self.waiting = self._waiting.raised
        self.ordering = self._orders.raised

    def give_way(self, to_orders: bool = True) -> None:
        """Between two transactions: wait a little while others want to write, or an order is being written."""
        if to_orders:
            _wait_while(self._orders, PATIENCE_WITH_ORDERS_S)
        _wait_while(self._waiting, PATIENCE_S)


def _wait_while(flag: Flag, at_most_s: float) -> None:
    until = time.monotonic() + at_most_s
    while flag.is_raised() and time.monotonic() < until:
        time.sleep(_LOOK_EVERY_S)
