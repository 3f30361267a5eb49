"""URCs of several lines: `+CMT:`, `+CDS:` and `+CBM:` with their PDU (3GPP TS 27.005 § 3.4), `+CUSD:` with line breaks.
Other URCs may come between the lines, or cut one in two; the PDU's length is in the first line.
"""

import re
from typing import Final

from modem.at.events import Urc
from modem.at.framing import LINE_LIMIT, Line
from modem.at.split_lines import Seam
from modem.at.urcs import UrcRule

# `+CMT: [<alpha>],<length>`, `+CDS: <length>`: what else stands there is text mode (27.005 § 3.4.1), or cut short.
_ANNOUNCED: Final = re.compile(r'[^:]+:\s*+(?:(?:"[^"]*"\s*|[^",]*),\s*+)?(\d{1,3})\s*')
_TEXT_MODE_COMMAS: Final = 2
_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
# No PDU is as short, and no number of octets as long.
_SHORT: Final = 4
_QUOTED_LINES: Final = 12


class Gathering:
    """One URC on its way in: `open` until `end`, and `whole` when nothing more belongs to it."""

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
        if not self._rest and joins and not self._is_pdu(text):
            self._head(self._raw + line.raw)
        elif self._rule.form:
            return False
        elif not self._rest or self._rule.quoted:
            if not self._rule.quoted and not self._fits(text):
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
        """As far as it came."""
        self.open = False
        return Urc(self._rule.name, (self._raw.strip(), *self._rest))

    def _head(self, raw: str) -> None:
        self._raw = raw
        announced = _ANNOUNCED.fullmatch(raw)
        self._length = int(announced[1]) if announced else None

    def _fits(self, text: str) -> bool:
        return bool(_HEX.fullmatch(text)) or (self._length is None and self._in_text_mode())

    def _in_text_mode(self) -> bool:
        return self._raw.count(",") >= _TEXT_MODE_COMMAS

    @staticmethod
    def _is_pdu(text: str) -> bool:
        return len(text) > _SHORT and bool(_HEX.fullmatch(text))

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
        """True when another URC cut this PDU in two, the length of which was announced in octets."""
        octets = len(pdu) // 2
        smsc_octets = 1 + int(pdu[:2], 16) if octets and self._rule.has_smsc else 0
        if octets == smsc_octets + length:
            self._counts_well = True
        short = smsc_octets + length if self._counts_well else length
        return len(pdu) % 2 == 1 or octets < short
