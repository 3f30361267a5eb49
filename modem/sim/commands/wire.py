"""The modem's wire: a client's bytes into command lines and prompt entries, with the echo; and the modem's lines into
bytes, as its kind ends them, now or later, with what disturbs them on the way.
"""

import heapq
import re
from dataclasses import dataclass
from itertools import count

from modem.sim.network.faults import STRAY_LINES
from modem.sim.network.phone import Phone

ESC = 0x1B
CTRL_Z = 0x1A
_LINE_END = re.compile(rb"[\r\x1b]")
_ENTRY_END = re.compile(rb"[\r\x1a\x1b]")
_UNSEEN = bytes([CTRL_Z, ESC])
_LONGEST_LINE = 4096


@dataclass(frozen=True, slots=True)
class Line:
    """`text` without its `end`, a byte: CR, Ctrl-Z or ESC. `began`: when its first byte came, in seconds."""

    text: bytes
    end: int
    began: float


class Typed:
    """Bytes wait here, as in a UART's buffer, until somebody asks for the next line."""

    def __init__(self) -> None:
        self._waiting = bytearray()  # not looked at yet
        self._waiting_since = 0.0
        self._line = bytearray()  # looked at and echoed, its end has not come
        self._line_began = 0.0

    def add(self, data: bytes, now: float) -> None:
        """They came at `now`, in seconds."""
        if not self._waiting:
            self._waiting_since = now
        self._waiting += data

    def forget(self) -> None:
        """The power went."""
        self._waiting.clear()
        self._line.clear()

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    @property
    def half_received(self) -> bool:
        """Somebody is typing a line."""
        return bool(self._line) and bool(self._line.strip())

    def continued(self, text: bytes) -> None:
        """The next line goes on where `text` ended."""
        self._line += text

    def next_line(self, *, entry: bool) -> tuple[Line | None, bytes]:
        """The next whole line (of an `entry` at a prompt), None where its end has not come; and what is echoed."""
        end = (_ENTRY_END if entry else _LINE_END).search(self._waiting)
        piece = bytes(self._waiting[: end.end() if end else len(self._waiting)])
        del self._waiting[: len(piece)]
        if not self.half_received:
            self._line_began = self._waiting_since
        self._line += piece
        line = None
        if end:
            line = Line(bytes(self._line[:-1]), piece[-1], self._line_began)
            self._line.clear()
        elif len(self._line) > _LONGEST_LINE:
            self._line.clear()
        return line, piece.translate(None, _UNSEEN)


_DRIBBLE_S = 0.0002
# Result codes as ATV0 has them (V.250 § 5.7.1); an error with a code of its own stays what it is.
_RESULTS = {
    "OK": 0, "CONNECT": 1, "RING": 2, "NO CARRIER": 3, "ERROR": 4, "NO DIALTONE": 6, "BUSY": 7, "NO ANSWER": 8
}  # fmt: skip
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
        self.left_alone_until = 0.0

    def line(self, text: str) -> None:
        """A line with its line ends; `text` may hold CR LF where it is two lines."""
        end, faults, settings = self._phone.profile.line_end, self._phone.faults, self._phone.settings
        if (result := _RESULTS.get(text)) is not None:
            self.left_alone_until = self._phone.now + self._phone.profile.gap_s
            if not settings.results or not settings.verbose:
                self._said += f"{result}\r".encode() if settings.results else b""
                return
        if not faults.of_lines:
            self._said += self._framed(text, end)
            return
        end = "\r\r\n" if faults.hits("crcrlf") else end
        self._stray()
        self._said += self._damaged(self._framed(text, end))

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

    def _stray_line(self, end: str) -> bytes:
        """A line that nobody asked for."""
        return self._framed(self._phone.faults.dice.choice(STRAY_LINES), end)

    def _stray(self) -> None:
        if self._phone.faults.hits("urc"):
            self._said += self._stray_line(self._phone.profile.line_end)

    def _damaged(self, data: bytes) -> bytes:
        """With a stray line or garbage inside."""
        faults = self._phone.faults
        if cut := faults.hits("cut"):
            at = cut.code if cut.text else faults.dice.randrange(len(data) + 1)
            data = data[:at] + self._stray_line("\r\n") + data[at:]
        if faults.hits("garbage"):
            at = faults.dice.randrange(len(data) + 1)
            data = data[:at] + faults.dice.choice(_GARBAGE) + data[at:]
        return data
