"""The modem's wire: a client's bytes into command lines and prompt entries, with the echo; and the modem's lines into
bytes, as its kind ends them.
"""

import re
from dataclasses import dataclass

from modem.sim.phone import Phone

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
        """The next line continues where `text` ended."""
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


class Speech:
    """Bytes written and not read yet."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._said = bytearray()

    def line(self, text: str) -> None:
        """A line with its line ends; `text` may hold CR LF where it is two lines."""
        self._said += framed(text, self._phone.profile.line_end)

    def prompt(self) -> None:
        """The prompt of AT+CMGS; it has no line end."""
        self._said += f"\r\n{self._phone.profile.prompt}".encode()

    def raw(self, data: bytes) -> None:
        """Bytes as they are: the echo."""
        self._said += data

    def take(self, now: float) -> bytes:
        """The bytes that a client reads now."""
        said = bytes(self._said)
        self._said.clear()
        return said

    def forget(self) -> None:
        """The power went."""
        self._said.clear()


def framed(text: str, end: str) -> bytes:
    """The bytes of a line, or of several that CR LF divides, with their ends."""
    return (end + text.replace("\r\n", end) + end).encode()
