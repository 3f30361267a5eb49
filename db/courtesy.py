"""Who writes much lets the others write in between.

SQLite has one writer at a time, and whoever waits for it asks again only now and then: a process that writes one
transaction after the other would keep a modem's claim waiting until it times out. So a writer says, by a shared lock
on a file beside the database, that it waits; who writes in bulk looks there between its transactions.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Longer than any wait for one transaction: who waits still is held up by somebody else.
PATIENCE_S = 0.1
_LOOK_EVERY_S = 0.002
# A file system without locks, or no file (its number is negative).
_NO_LOCK = (OSError, ValueError)


class Courtesy:
    """Among the processes that write to the database at `database`."""

    def __init__(self, database: Path) -> None:
        file = Path(f"{database}.waiting.lock")
        self._own = self._others = -1
        with suppress(OSError):  # a folder that nobody can write to: nothing else can be written there either
            self._own = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            # A lock of its own: one descriptor cannot ask for what it holds.
            self._others = os.open(file, os.O_RDWR | os.O_CLOEXEC)

    def __del__(self) -> None:
        for descriptor in (self._own, self._others):
            if descriptor >= 0:
                os.close(descriptor)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """For the time until the write lock is had. Never waits itself."""
        with suppress(*_NO_LOCK):  # who looks holds it for a moment
            fcntl.flock(self._own, fcntl.LOCK_SH | fcntl.LOCK_NB)
        try:
            yield
        finally:
            with suppress(*_NO_LOCK):
                fcntl.flock(self._own, fcntl.LOCK_UN)

    def give_way(self) -> None:
        """Between two transactions: wait while somebody waits, for at most PATIENCE_S."""
        until = time.monotonic() + PATIENCE_S
        while self._is_wanted() and time.monotonic() < until:
            time.sleep(_LOOK_EVERY_S)

    def _is_wanted(self) -> bool:
        try:
            fcntl.flock(self._others, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except _NO_LOCK:
            return False
        fcntl.flock(self._others, fcntl.LOCK_UN)
        return False
