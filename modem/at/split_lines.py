"""Putting together lines that a URC cut in two, and URCs that are interrupted by others between their lines. A URC is
framed by its own line ends: `+CM`, CR LF `+CREG: 1` CR LF, `GS: 7`. So a line with exactly one line end before a URC is
continued directly after the URC's own; ordinary lines around a URC have two.
"""

import re
from collections import deque
from typing import Final, Literal

from modem.at.events import Urc
from modem.at.framing import LINE_LIMIT, Line
from modem.at.urcs import UrcRule

# What the first half was taken for. A `half` is a registration URC that may be the beginning of an answer.
Piece = Literal["answer", "echo", "half", "final"]

_LINE_ENDS: Final = frozenset({b"\r\n", b"\r\r\n"})
_NEW_LINE: Final = re.compile(r"[+^*#$%!&_][A-Z0-9]+:")
# A PDU has a line of its own after these (27.005 § 4.1): it never continues them.
_WHOLE_HEADER: Final = re.compile(r"\+CMG[LR]:.*,\s*\d+\s*")
_PDU: Final = re.compile(r"[0-9A-Fa-f]{16,}\s*")
# `+CMT: [<alpha>],<length>`, `+CDS: <length>`: what else stands in it is text mode (27.005 § 3.4.1), or cut short.
_ANNOUNCED: Final = re.compile(r'[^:]+:\s*+(?:(?:"[^"]*"\s*|[^",]*),\s*+)?(\d{1,3})\s*')
_TEXT_MODE_COMMAS: Final = 2
_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
# No PDU is as short, and no number of octets as long.
_SHORT: Final = 4
_QUOTED_LINES: Final = 12


class Seam:
    """The place between two lines, with nothing but URCs in it, that may join two halves of one."""

    def __init__(self) -> None:
        self._cut = False
        self._whole = False

    def start(self) -> None:
        """A line came that may be a first half."""
        self._cut = self._whole = False

    def urc(self, lead: bytes) -> bool:
        """A URC came after `lead`; several in a row may be in one gap. True while the line may be cut."""
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

    def is_cut_by(self, lead: bytes) -> bool:
        """True when a URC after `lead` could be in the middle of the answer before it, so that it is no such answer."""
        return self.piece in ("answer", "half") and bool(self._raw) and lead in _LINE_ENDS

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
        """The first half is not a separate line."""
        if self._kept_in:
            self._kept_in.pop()
        self.forget()


class Gathering:
    """One URC of several lines on its way in: `+CMT:`, `+CDS:` and `+CBM:` with their PDU (3GPP TS 27.005 § 3.4), whose
    length is in the first line, or `+CUSD:` with line breaks. `open` until `end`; `whole` when it is complete.
    """

    def __init__(self) -> None:
        self.open = False
        self.whole = False
        self._rule = UrcRule("")
        self._raw = ""
        # Octets of the PDU, as announced.
        self._length: int | None = None
        self._rest: list[str] = []
        self._seam = Seam()
        # Once a PDU was exactly as long as announced, a shorter one was cut; before, the modem may count otherwise.
        self._counts_well = False

    def begin(self, rule: UrcRule, raw: str) -> None:
        """Its first line, with the outer blanks that a cut may have left."""
        self.open, self._rule, self._rest = True, rule, []
        self._head(raw)
        self._seam.start()
        self.whole = not self._expects_more()

    def outlives(self, lead: bytes) -> bool:
        """Another URC came, after `lead`: whether more of this one may follow. A PDU whose line was whole has ended."""
        return self._seam.urc(lead) or not self._rest or self._rule.quoted

    def takes(self, line: Line) -> bool:
        """True when this line is part of it; it may be `whole` then."""
        text = line.raw.strip()
        joins = self._seam.joins(line.lead)
        if len(self._raw) + len(text) > LINE_LIMIT:
            return False
        if not self._rest and joins and not (len(text) > _SHORT and _HEX.fullmatch(text)):
            self._head(self._raw + line.raw)
        elif self._rule.form:
            return False
        elif not self._rest or self._rule.quoted:
            is_text = self._length is None and self._in_text_mode()
            if not self._rule.quoted and not is_text and not _HEX.fullmatch(text):
                return False
            self._rest.append(text)
        elif joins and _HEX.fullmatch(text):
            self._rest[-1] += text
        else:
            return False
        self._seam.start()
        self.whole = not self._expects_more()
        return True

    def end(self) -> Urc:
        """Close it and return the URC as far as it came."""
        self.open = False
        return Urc(self._rule.name, (self._raw.strip(), *self._rest))

    def _head(self, raw: str) -> None:
        self._raw = raw
        announced = _ANNOUNCED.fullmatch(raw)
        self._length = int(announced[1]) if announced else None

    def _in_text_mode(self) -> bool:
        return self._raw.count(",") >= _TEXT_MODE_COMMAS

    def _expects_more(self) -> bool:
        rule = self._rule
        if rule.form:
            return not rule.form.fullmatch(self._raw.strip())
        if rule.quoted:
            balanced = (self._raw + "".join(self._rest)).count('"') % 2 == 0
            return not balanced and len(self._rest) < _QUOTED_LINES
        length = self._length
        if length is None:
            return not self._rest and (rule.text_mode_lines == 2 or not self._in_text_mode())
        return not self._rest or self._is_cut(self._rest[-1], length)

    def _is_cut(self, pdu: str, length: int) -> bool:
        """True when another URC cut this PDU in two; `length` is the announced number of octets."""
        octets = len(pdu) // 2
        smsc_octets = 1 + int(pdu[:2], 16) if octets and self._rule.has_smsc else 0
        if octets == smsc_octets + length:
            self._counts_well = True
        short = smsc_octets + length if self._counts_well else length
        return len(pdu) % 2 == 1 or octets < short
