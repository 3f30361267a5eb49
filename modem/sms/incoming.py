"""SMS-DELIVER and SMS-STATUS-REPORT as a modem hands them over (3GPP TS 23.040 § 9.2.2.1 and § 9.2.2.3).

They are read here and not by libgammu's DecodePDU, which was tried (1.45.1): it takes TP-UDL for a number of
characters, so that every escape pair adds a character of uninitialised memory; it reads past the end of a PDU that is
cut short, so that a status report without its last octet is "delivered"; and it reads the clock. Guarding against all
that needs the same walk over the octets. The tests compare it with libgammu and smspdudecoder where those are right.
Decision: docs/adr/0004.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal

from modem.errors import PduError
from modem.sms.alphabet import gsm7_text
from modem.sms.message import Concatenation, Deliver, StatusReport

_DELIVER: Final = 0b00
_STATUS_REPORT: Final = 0b10
_USER_DATA_HEADER: Final = 0x40
_INTERNATIONAL: Final = 0b001
_ALPHANUMERIC: Final = 0b101
_WAP_PUSH: Final = (2948).to_bytes(2)
_SEMI_OCTETS: Final = "0123456789*#abc"
_LINE_ENDS: Final = re.compile("\r\n|\r")
_CONTROLS: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass(slots=True)
class _Octets:
    """A PDU being read from its front; PduError at its end."""

    rest: bytes

    def take(self, size: int) -> bytes:
        if len(self.rest) < size:
            raise PduError("the PDU is cut short")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def octet(self) -> int:
        return self.take(1)[0]


def decode_incoming(pdu_hex: str) -> Deliver | StatusReport:
    """`pdu_hex` is the line after `+CMT:`, `+CDS:`, `+CMGR:` or `+CMGL:`, SCA first. PduError for all else."""
    try:
        octets = _Octets(bytes.fromhex(pdu_hex))
    except ValueError as error:
        raise PduError("the PDU is not hexadecimal") from error
    octets.take(octets.octet())
    first = octets.octet()
    if first & 0b11 == _DELIVER:
        return _deliver(octets, bool(first & _USER_DATA_HEADER))
    if first & 0b11 == _STATUS_REPORT:
        return _status_report(octets)
    raise PduError(f"neither a text nor a status report: first octet {first:02X}")


def _deliver(octets: _Octets, has_header: bool) -> Deliver:
    sender = _address(octets)
    octets.octet()  # TP-PID
    dcs = octets.octet()
    stamp = octets.take(7)
    # Some service centres leave it out, as zeros or Fs: that must cost nobody the text.
    sent_at = _time_stamp(stamp)
    coding, length = alphabet(dcs), octets.octet()
    size = (length * 7 + 7) // 8 if coding == "gsm7" else length
    if len(octets.rest) < size:
        raise PduError("the user data are cut short")
    data = octets.rest[:size]  # what follows TP-UDL may be longer
    header = data[: 1 + data[0]] if has_header and data else b""
    if header and len(header) != 1 + data[0]:
        raise PduError("the user data header is cut short")
    body = data[len(header) :]
    if coding == "gsm7":
        text = clean(gsm7_text(data, length, skip=(len(header) * 8 + 6) // 7))
    elif coding == "ucs2":
        text = clean(body[: len(body) & ~1].decode("utf-16-be", "replace"))
    # § 9.2.3.24.4: the destination port, 16 bits wide, is the one of connectionless WAP pushes.
    elif any(identifier == 0x05 and value[:2] == _WAP_PUSH for identifier, value in _elements(header[1:])):
        text = body.hex()
    else:
        raise PduError("8-bit data, not a text")
    odd = "" if sent_at else stamp.hex()
    return Deliver(sender, text, sent_at, concatenation(header[1:]), is_push=coding == "8bit", stamp=odd)


def clean(text: str) -> str:
    """Without control characters, LF as the only line end."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def _status_report(octets: _Octets) -> StatusReport:
    reference = octets.octet()
    recipient = _address(octets)
    submitted_at, discharged_at = _time_stamp(octets.take(7)), _time_stamp(octets.take(7))
    status = octets.octet()
    # A service centre that leaves them out must not cost us the report itself.
    return StatusReport(reference, recipient, submitted_at or discharged_at, status)


def _address(octets: _Octets) -> str:
    """§ 9.2.3.7 and § 9.1.2.5: length in semi-octets, type, value. Control characters never get out of here."""
    digits = octets.octet()
    kind = octets.octet() >> 4 & 0b111
    value = octets.take((digits + 1) // 2)
    if kind == _ALPHANUMERIC:
        return _CONTROLS.sub("", gsm7_text(value, digits * 4 // 7)).replace("\n", "").strip()
    nibbles = [nibble for octet in value for nibble in (octet & 0xF, octet >> 4)][:digits]
    number = "".join(_SEMI_OCTETS[nibble] for nibble in nibbles if nibble != 0xF)
    return f"+{number}" if kind == _INTERNATIONAL and number else number


def _time_stamp(octets: bytes) -> datetime | None:
    """§ 9.2.3.11 in UTC, None when it is no time. A zone that is no zone counts as UTC."""
    quarters = (octets[6] & 0x7) * 10 + (octets[6] >> 4)
    sign = -1 if octets[6] & 0x8 else 1
    offset = timedelta(minutes=15 * sign * quarters) if quarters <= 14 * 4 else timedelta(0)
    try:
        year, month, day, hour, minute, second = (int(f"{octet & 0xF:x}{octet >> 4:x}") for octet in octets[:6])
        local = datetime(2000 + year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None
    return local.astimezone(UTC)


def alphabet(dcs: int) -> Literal["gsm7", "8bit", "ucs2"]:
    """TP-DCS (3GPP TS 23.038 § 4); reserved codings are the default alphabet. PduError when compressed."""
    group = dcs >> 4
    if group < 0x8:
        if dcs & 0x20:
            raise PduError("a compressed text")
        return ("gsm7", "8bit", "ucs2", "gsm7")[dcs >> 2 & 3]
    if group == 0xE:
        return "ucs2"
    return "8bit" if group == 0xF and dcs & 0x04 else "gsm7"


def concatenation(header: bytes) -> Concatenation | None:
    """The place among parts given by the header (without its length octet); invalid elements are skipped."""
    concatenation = None
    for identifier, value in _elements(header):
        if (identifier, len(value)) in ((0x00, 3), (0x08, 4)):
            reference, total, seq = int.from_bytes(value[:-2], "big"), value[-2], value[-1]
            if 1 <= seq <= total:
                concatenation = Concatenation(reference, seq, total)
    return concatenation


def _elements(header: bytes) -> Iterator[tuple[int, bytes]]:
    """The whole information elements of a header."""
    while len(header) >= 2:
        identifier, value = header[0], header[2 : 2 + header[1]]
        if header[1] == len(value):
            yield identifier, value
        header = header[2 + header[1] :]
