"""A client's bytes into command lines and prompt entries, with the echo."""

import re
from dataclasses import dataclass

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
        """Something was typed that nobody has looked at."""
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
