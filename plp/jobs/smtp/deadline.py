"""How long a whole dialogue may take: a time-out of a socket begins anew with every byte that comes."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Deadline:
    """For the length of a `with` block, at most `limit_s`; then what it guards is cut, and who reads of it is told."""

    def __init__(self, limit_s: float, guarded: socket.socket | None = None) -> None:
        self._timer = threading.Timer(limit_s, self._cut)
        self._lock = threading.Lock()
        self._wire: socket.socket | None = None
        self.is_passed = False
        if guarded is not None:
            self.guard(guarded)

    def guard(self, guarded: socket.socket) -> None:
        """This connection is cut, under whatever encryption it is by then."""
        with self._lock:
            self._wire = socket.socket(fileno=socket.dup(guarded.fileno()))
            if self.is_passed:
                self._shut()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._wire is not None:
            self._wire.close()

    def _cut(self) -> None:
        with self._lock:
            self.is_passed = True
            self._shut()

    def _shut(self) -> None:
        with suppress(OSError):
            if self._wire is not None:
                self._wire.shutdown(socket.SHUT_RDWR)
