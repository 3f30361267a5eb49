"""A client at a tty that knows no more than bytes."""

import os
import select
import time
import tty
from pathlib import Path


class HungUp(Exception):
    """The tty went away."""


class Terminal:
    """Opens `device` raw, as a context manager; every wait has a deadline."""

    def __init__(self, device: str | Path) -> None:
        self._fd = os.open(device, os.O_RDWR | os.O_NOCTTY)
        self._said = b""
        tty.setraw(self._fd)

    def write(self, data: bytes) -> None:
        os.write(self._fd, data)

    def read_until(self, end: bytes, timeout_s: float = 30.0) -> bytes:
        """What was said up to `end`; the rest is for the next call. Raises HungUp, TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while end not in self._said:
            if not select.select([self._fd], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"no {end!r} after {self._said!r}")
            try:
                piece = os.read(self._fd, 4096)
            except OSError as error:
                raise HungUp from error
            if not piece:
                raise HungUp
            self._said += piece
        said, _, self._said = self._said.partition(end)
        return said + end

    def ask(self, line: str, end: bytes = b"OK\r\n") -> str:
        self.write(line.encode() + b"\r")
        return self.read_until(end).decode()

    def send(self, pdu: bytes) -> str:
        self.ask(f"AT+CMGS={len(pdu) - 1 - pdu[0]}", b"> ")
        self.write(pdu.hex().upper().encode() + b"\x1a")
        return self.read_until(b"OK\r\n").decode()

    def close(self) -> None:
        os.close(self._fd)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
