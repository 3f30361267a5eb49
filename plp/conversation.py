"""Limits of a conversation with somebody else's server: how long it may last, and how much of it is read. Time-outs of
Python's libraries are of one read or one write, and an answer may have any number of them (docs/adr/0193).
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from base.watchdog import alive

# (family, address) of getaddrinfo.
Place = tuple[int, Any]


class Limits:
    """Those of one conversation. `step_s` is the longest pause; `allow` says what its next part may take."""

    def __init__(self, step_s: float, whole_s: float, most_bytes: int) -> None:
        self.step_s = step_s
        self.allow(whole_s, most_bytes)

    def allow(self, whole_s: float, most_bytes: int) -> None:
        """From now on, so many seconds and bytes; the watchdog waits as long."""
        alive(whole_s)
        self._until_s = time.monotonic() + whole_s
        self._left_bytes = most_bytes

    def patience_s(self) -> float:
        """The seconds for the next read or write. Raises TimeoutError once there are none."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        return min(self.step_s, left_s)

    def require(self, size_bytes: int) -> None:
        """Raise ConnectionAbortedError where so much more would be too much."""
        if size_bytes > self._left_bytes:
            raise ConnectionAbortedError("the server's answer is too long")

    def take(self, size_bytes: int) -> None:
        """So much was read. Raises ConnectionAbortedError where it was too much."""
        self.require(size_bytes)
        self._left_bytes -= size_bytes


class _Limited:
    """The reads and writes of a socket of either kind; a library's own time-outs are of a step."""

    limits: Limits

    def settimeout(self, value: float | None) -> None:
        if value is not None:
            self.limits.step_s = value
        with suppress(TimeoutError):  # the next step says so
            self._set(self.limits.patience_s())

    def recv_into(self, *how: Any) -> int:
        self._set(self.limits.patience_s())
        size: int = super().recv_into(*how)  # type: ignore[misc]
        self.limits.take(size)
        return size

    def recv(self, *how: Any) -> bytes:
        self._set(self.limits.patience_s())
        heard: bytes = super().recv(*how)  # type: ignore[misc]
        self.limits.take(len(heard))
        return heard

    def send(self, *how: Any) -> int:
        self._set(self.limits.patience_s())
        return int(super().send(*how))  # type: ignore[misc]

    def sendall(self, *how: Any) -> None:
        """Of a plain socket the time is of all; one over TLS calls `send` for every piece."""
        self._set(self.limits.patience_s())
        super().sendall(*how)  # type: ignore[misc]

    def _set(self, seconds: float) -> None:
        super().settimeout(seconds)  # type: ignore[misc]


class LimitedSocket(_Limited, socket.socket):
    """A plain connection."""

    def __init__(self, family: int, limits: Limits) -> None:
        super().__init__(family, socket.SOCK_STREAM)
        self.limits = limits


def connect(places: Iterable[Place], limits: Limits) -> LimitedSocket:
    """A connection to the first of the places that takes one. Raises OSError."""
    trouble: OSError = ConnectionRefusedError("no address")
    for family, address in places:
        limited = LimitedSocket(family, limits)
        try:
            limited.settimeout(limits.step_s)
            limited.connect(address)
        except OSError as error:
            limited.close()
            trouble = error
        else:
            return limited
    raise trouble


def places_of(host: str, port: int, limits: Limits) -> list[Place]:
    """The places that this name has. Raises OSError, UnicodeError; the system's own patience has no limit."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    patience_s = limits.patience_s()
    threading.Thread(target=ask, name="name-lookup", daemon=True).start()
    try:
        answer = answers.get(timeout=patience_s)
    except queue.Empty:
        raise TimeoutError("timed out") from None
    if isinstance(answer, Exception):
        raise answer
    return [(int(family), address) for family, _type, _protocol, _name, address in answer]


def within(context: ssl.SSLContext, limits: Limits) -> ssl.SSLContext:
    """The context, whose connections keep the limits; OpenSSL ends a handshake at the time-out as a whole."""
    context.sslsocket_class = type("LimitedTls", (_Limited, ssl.SSLSocket), {"limits": limits})
    return context
