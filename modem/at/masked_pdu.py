"""PDUs made fit to be shown: they still decode, without people and texts (3GPP TS 23.040 § 9.2.2).

First octets, TP-MR, TP-ST, time stamps, coding and every length stay; the digits of an address between the first three
and the last two become 0, and so does a text.
"""

from typing import Final

_LONGEST_SCA: Final = 12
_LONGEST_ADDRESS: Final = 20
_TYPE_OF_ADDRESS: Final = 0x80
_HEADER: Final = 0x40
_ALPHANUMERIC: Final = 0b101
# Up to six digits are nobody's number.
_SHORTEST_NUMBER: Final = 7
_VALIDITY_OCTETS: Final = (0, 7, 1, 7)
# § 9.2.3.24: what joins parts, and port numbers. Other elements may hold contents.
_HARMLESS_ELEMENTS: Final = frozenset({0x00, 0x04, 0x05, 0x08})


def masked_pdu(pdu: str, tpdu_length: int | None = None) -> str:
    """`pdu` (hexadecimal, service centre first) masked; as long as before, all zeros when it is no such PDU.

    `tpdu_length` was announced for it, in octets without the service centre: a piece of a PDU may look like another
    one, and the text of this one would be shown as a part of that.
    """
    try:
        octets = bytearray.fromhex(pdu)
        if tpdu_length is not None and len(octets) != 1 + octets[0] + tpdu_length:
            raise ValueError("a piece of a PDU")
        _Masking(octets).mask()
    except (ValueError, IndexError):
        return "0" * len(pdu)
    return octets.hex().upper()


class _Masking:
    """One PDU, changed in place. Raises ValueError or IndexError where it does not hold together."""

    def __init__(self, octets: bytearray) -> None:
        self._octets = octets
        self._at = 0

    def mask(self) -> None:
        sca = self._octets[0]
        if sca > _LONGEST_SCA or (sca and not self._octets[1] & _TYPE_OF_ADDRESS):
            raise ValueError("no service centre")
        self._skip(1 + sca)
        first = self._octets[self._at]
        self._skip(1)
        match first & 0b11:
            case 0b00:  # SMS-DELIVER
                self._address()
                self._skip(1)
                self._text(self._next(), 7, bool(first & _HEADER))
            case 0b01:  # SMS-SUBMIT
                self._skip(1)
                self._address()
                self._skip(1)
                self._text(self._next(), _VALIDITY_OCTETS[first >> 3 & 0b11], bool(first & _HEADER))
            case 0b10:  # SMS-STATUS-REPORT
                self._skip(1)
                self._address()
                self._skip(15)
                self._wipe(self._at)
            case _:
                raise ValueError("a reserved kind of TPDU")

    def _next(self) -> int:
        self._skip(1)
        return self._octets[self._at - 1]

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._octets):
            raise IndexError

    def _wipe(self, start: int, end: int | None = None) -> None:
        self._octets[start:end] = bytes(len(self._octets[start:end]))

    def _address(self) -> None:
        """§ 9.1.2.5: length in semi-octets, type, value."""
        length, type_of_address = self._next(), self._next()
        if length > _LONGEST_ADDRESS or not type_of_address & _TYPE_OF_ADDRESS:
            raise ValueError("no address")
        kind = type_of_address >> 4 & 0b111
        start = self._at
        self._skip((length + 1) // 2)
        if kind == _ALPHANUMERIC:
            self._wipe(start, self._at)
        elif length >= _SHORTEST_NUMBER:  # the first digit of an octet is its lower half
            self._octets[start + 1] &= 0x0F
            self._wipe(start + 2, self._at - 2)
            self._octets[self._at - 2] &= 0xF0 if length % 2 else 0

    def _text(self, coding: int, octets_between: int, has_header: bool) -> None:
        """From behind TP-DCS to the end: a time stamp or a validity, TP-UDL, and the user data."""
        self._skip(octets_between)
        length = self._next()
        start = self._at
        room = (length * 7 + 7) // 8 if _is_packed(coding) else length
        if has_header and room == len(self._octets) - start:
            start = self._keep_header(start)
        self._wipe(start)

    def _keep_header(self, start: int) -> int:
        """The end of the header (§ 9.2.3.24) that begins at `start`; elements that may hold contents are wiped."""
        octets, end = self._octets, start + 1 + self._octets[start]
        if end > len(octets):
            raise IndexError
        at = start + 1
        while at < end:
            size = min(octets[at + 1], end - at - 2)
            if octets[at] not in _HARMLESS_ELEMENTS:
                self._wipe(at + 2, at + 2 + size)
            at += 2 + size
        return end


def _is_packed(coding: int) -> bool:
    """The user data are septets of the default alphabet (3GPP TS 23.038 § 4)."""
    if coding & 0x80 == 0:
        return coding & 0x0C in (0x00, 0x0C)
    return coding & 0xE0 == 0xC0 or coding & 0xF4 == 0xF0


def swapped_text(digits: str) -> str:
    """Semi-octets (§ 9.1.2.3) as digits: each pair the other way round."""
    return "".join([later + first for first, later in zip(digits[::2], digits[1::2], strict=True)])
