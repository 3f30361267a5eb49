"""Putting together a line that a URC cut in two.

A URC is framed by line ends of its own: `+CM`, CR LF `+CREG: 1` CR LF, `GS: 7`. So a line that ended in exactly one
line end before a URC is continued by what follows directly after the URC's own; ordinary lines around a URC have two.
"""

import re
from typing import Final

from modem.at.framing import Line

_BEFORE_URC: Final = b"\r\n"
_AFTER_URC: Final = (b"\r\n", b"\r\r\n")
_NEW_LINE: Final = re.compile(r"[+^*][A-Z]+:")


class Mending:
    """Follows the last unfinished line of an answer."""

    def __init__(self) -> None:
        self._raw = ""
        self._kept_in: list[str] | None = None
        self._cut = False

    def forget(self) -> None:
        """What came last was whole."""
        self._raw, self._kept_in, self._cut = "", None, False

    def answer(self, raw: str, kept_in: list[str] | None) -> None:
        """An answer's line came; it is the last of `kept_in` (None: kept nowhere)."""
        self._raw, self._kept_in, self._cut = raw, kept_in, False

    def urc(self, lead: bytes) -> None:
        """A URC came after `lead`; several in a row may stand in one gap."""
        if not self._cut:
            if self._raw and lead == _BEFORE_URC:
                self._cut = True
            else:
                self.forget()

    def mended(self, line: Line) -> str:
        """The line's text, behind the part that stood before the URC where it is a second half."""
        if not self._cut or line.lead not in _AFTER_URC or _NEW_LINE.match(line.raw):
            return line.raw
        if self._kept_in:
            self._kept_in.pop()
        return self._raw + line.raw
