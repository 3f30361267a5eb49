"""The modem's voice: lines into bytes, as its kind ends them, now or later, with what disturbs them on the wire."""

import heapq
from itertools import count

from modem.sim.network.phone import Phone

_DRIBBLE_S = 0.0002
_GARBAGE = (b"\xff", b"\x00", b"\xff\xff", b"\x00\xff\x00")


class Speech:
    """Bytes said and not read yet. `now` and `due` are as in SimModem."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._said = bytearray()
        self._slow = bytearray()
        self._slow_at = 0.0
        self._later: list[tuple[float, int, str]] = []
        self._order = count()

    def line(self, text: str) -> None:
        """A line with its line ends; `text` may hold CR LF where it is two lines."""
        end = self._phone.profile.line_end
        if self._phone.faults.of_lines:
            self._disturbed(text)
        elif end == "\r\n":
            self._said += f"\r\n{text}\r\n".encode()
        else:
            self._said += self._framed(text, end)

    def prompt(self) -> None:
        """The prompt of AT+CMGS; it has no line end."""
        prompt = f"\r\n{self._phone.profile.prompt}".encode()
        if self._phone.faults.of_lines:
            self._stray()
            prompt = self._damaged(prompt)
        self._said += prompt

    def raw(self, data: bytes) -> None:
        """Bytes as they are: the echo."""
        self._said += data

    def later(self, due: float, *lines: str) -> None:
        """Lines that are said by themselves at `due`."""
        for line in lines:
            heapq.heappush(self._later, (due, next(self._order), line))

    def catch_up(self, now: float) -> None:
        """Say what `later` put off until now."""
        while self._later and self._later[0][0] <= now:
            self.line(heapq.heappop(self._later)[2])

    @property
    def later_due(self) -> float | None:
        """The time of the next line that was put off."""
        return self._later[0][0] if self._later else None

    @property
    def due(self) -> float | None:
        """The time of the next byte for `take`, because bytes dribble."""
        return self._slow_at if self._slow else None

    def take(self, now: float) -> bytes:
        """The bytes that a client reads now."""
        if not self._phone.faults.dribble and not self._slow:
            said = bytes(self._said)
            self._said.clear()
            return said
        self._slow += self._said
        self._said.clear()
        if not self._slow or now < self._slow_at:
            return b""
        self._slow_at = now + _DRIBBLE_S
        said = bytes(self._slow[:1])
        del self._slow[:1]
        return said

    def forget(self) -> None:
        """The power went."""
        self._said.clear()
        self._slow.clear()
        self._later.clear()

    @staticmethod
    def _framed(text: str, end: str) -> bytes:
        return (end + text.replace("\r\n", end) + end).encode()

    def _disturbed(self, text: str) -> None:
        end = "\r\r\n" if self._phone.faults.hits("crcrlf") else self._phone.profile.line_end
        self._stray()
        self._said += self._damaged(self._framed(text, end))

    def _stray(self) -> None:
        if self._phone.faults.hits("urc"):
            self._said += self._framed(self._phone.faults.stray_line(), self._phone.profile.line_end)

    def _damaged(self, data: bytes) -> bytes:
        """With a stray line or garbage inside."""
        faults = self._phone.faults
        if cut := faults.hits("cut"):
            at = cut.code if cut.text else faults.below(len(data) + 1)
            data = data[:at] + self._framed(faults.stray_line(), "\r\n") + data[at:]
        if faults.hits("garbage"):
            at = faults.below(len(data) + 1)
            data = data[:at] + _GARBAGE[faults.below(len(_GARBAGE))] + data[at:]
        return data
