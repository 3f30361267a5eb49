"""Putting together a line that a URC cut in two.

A URC is framed by line ends of its own: `+CM`, CR LF `+CREG: 1` CR LF, `GS: 7`. So a line with exactly one line end
before a URC is continued directly after the URC's own; ordinary lines around a URC have two.
"""

import re
from collections import deque
from typing import Final, Literal

from modem.at.framing import LINE_LIMIT, Line

# What the first half was taken for. A `half` is a registration URC that may be the beginning of an answer.
Piece = Literal["answer", "echo", "half", "final"]

_LINE_ENDS: Final = frozenset({b"\r\n", b"\r\r\n"})
_NEW_LINE: Final = re.compile(r"[+^*#$%!&_][A-Z0-9]+:")
# A PDU has a line of its own after these (27.005 § 4.1): it never continues them.
_WHOLE_HEADER: Final = re.compile(r"\+CMG[LR]:.*,\s*\d+\s*")
_PDU: Final = re.compile(r"[0-9A-Fa-f]{16,}\s*")


class Seam:
    """The place between two lines, with nothing but URCs in it, that may join two halves of one."""

    def __init__(self) -> None:
        self._cut = False
        self._whole = False

    def start(self) -> None:
        """A line came that may be a first half."""
        self._cut = self._whole = False

    def urc(self, lead: bytes) -> bool:
        """A URC came after `lead`; several in a row may stand in one gap. True while the line may be cut."""
        if not self._cut and not self._whole:
            self._cut = lead in _LINE_ENDS
            self._whole = not self._cut
        return self._cut

    def joins(self, lead: bytes) -> bool:
        """True when a line after `lead` may be the second half."""
        return self._cut and lead in _LINE_ENDS


class Mending:
    """Follows the last line that was no URC, until it is known to be whole."""

    def __init__(self) -> None:
        self.piece: Piece = "answer"
        self._raw = ""
        self._kept_in: deque[str] | None = None
        self._seam = Seam()

    def forget(self) -> None:
        """The last line was whole."""
        self._raw, self._kept_in = "", None

    def follow(self, raw: str, piece: Piece, kept_in: deque[str] | None = None) -> None:
        """A line came, taken for `piece`; it is the last of `kept_in` (None: kept nowhere)."""
        self._raw, self.piece, self._kept_in = raw, piece, kept_in
        self._seam.start()

    def urc(self, lead: bytes) -> bool:
        """A URC came after `lead`. True while the line before it may be cut."""
        return bool(self._raw) and self._seam.urc(lead)

    def may_be_cut(self, lead: bytes) -> bool:
        """True when a URC after `lead` could stand in the middle of the line before it."""
        return bool(self._raw) and lead in _LINE_ENDS

    def joined(self, line: Line) -> str | None:
        """Both halves, when `line` may be the second one."""
        if not self._raw or not self._seam.joins(line.lead) or _NEW_LINE.match(line.raw):
            return None
        if len(self._raw) + len(line.raw) > LINE_LIMIT:
            return None
        if _WHOLE_HEADER.fullmatch(self._raw) and _PDU.fullmatch(line.raw):
            return None
        return self._raw + line.raw

    def take_back(self) -> None:
        """The first half is no line of its own."""
        if self._kept_in:
            self._kept_in.pop()
        self.forget()
