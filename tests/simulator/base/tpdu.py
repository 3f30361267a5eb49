"""TPDUs as the network sees them: SMS-SUBMIT read, SMS-DELIVER and SMS-STATUS-REPORT made (3GPP TS 23.040 § 9.2).

The GSM 7-bit default alphabet and its packing (3GPP TS 23.038 §§ 6.1.2.1, 6.2.1) are written here because no library on
hand may be used: libgammu is the product's own codec, and smspdudecoder 2.2 appends `@` when an escape pair meets seven
spare bits ("abcde€" is read as "abcde€@").
"""

import time

from modem.sim.network import Concatenation, Encoding, Submit

SMSC = "+32470999999"
# networks stamp local time: an offset other than zero (in quarters of an hour) shows who forgets it
ZONE_QUARTERS = 4
_INTERNATIONAL = 0x91
_ALPHANUMERIC = 0xD0
_VALIDITY_OCTETS = (0, 7, 1, 7)  # by TP-VPF: none, enhanced, relative, absolute
_HALVES_SWAPPED = bytes((octet & 0x0F) << 4 | octet >> 4 for octet in range(256))
ESCAPE = 0x1B
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
    0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
SEPTETS: dict[str, tuple[int, ...]] = {character: (code,) for code, character in enumerate(BASIC) if code != ESCAPE}
SEPTETS |= {character: (ESCAPE, code) for code, character in EXTENSION.items()}


def split_smsc(pdu: bytes) -> bytes:
    """The TPDU behind the service centre address of a `+CMGS` PDU (3GPP TS 27.005 § 3.1). Raises ValueError."""
    if not pdu or len(pdu) < 1 + pdu[0] + 1:
        raise ValueError("PDU ends in the service centre address")
    return pdu[1 + pdu[0] :]


def read_submit(tpdu: bytes) -> Submit:
    """Raises ValueError when `tpdu` is no whole SMS-SUBMIT."""
    try:
        return _read_submit(tpdu)
    except IndexError as error:
        raise ValueError("TPDU ends too early") from error


def _read_submit(tpdu: bytes) -> Submit:
    first = tpdu[0]
    if first & 0x03 != 0x01:
        raise ValueError("not an SMS-SUBMIT")
    digits = tpdu[2]
    at = 4 + (digits + 1) // 2
    address = tpdu[2:at]
    if not 1 <= digits <= 20:
        raise ValueError("no recipient")
    coding = tpdu[at + 1]
    at += 2 + _VALIDITY_OCTETS[first >> 3 & 0x03]
    length, data = tpdu[at], tpdu[at + 1 :]
    encoding = _encoding(coding)
    text, concatenation = _read_user_data(data, length, encoding, has_header=bool(first & 0x40))
    return Submit(read_number(address), address, text, encoding, concatenation, bool(first & 0x20), tpdu)


def _encoding(coding: int) -> Encoding:
    """TS 23.038 § 4, the groups that a submit uses; compressed text is refused."""
    if coding & 0xE0 == 0x20 or coding & 0xE0 == 0x60:
        raise ValueError("compressed text")
    if coding & 0xC0 == 0x00 or coding & 0xC0 == 0x40:
        return ("gsm7", "8bit", "ucs2", "gsm7")[coding >> 2 & 0x03]
    if coding & 0xF0 == 0xF0:
        return "8bit" if coding & 0x04 else "gsm7"
    return "ucs2" if coding & 0xF0 == 0xE0 else "gsm7"


def _read_user_data(
    data: bytes, length: int, encoding: Encoding, *, has_header: bool
) -> tuple[str, Concatenation | None]:
    octets = (length * 7 + 7) // 8 if encoding == "gsm7" else length
    if len(data) != octets:
        raise ValueError("user data length does not fit")
    header_octets = 1 + data[0] if has_header else 0
    if header_octets > octets:
        raise ValueError("header is longer than the user data")
    concatenation = _read_header(data[1:header_octets]) if has_header else None
    if encoding == "gsm7":
        header_septets = (header_octets * 8 + 6) // 7
        return from_septets(unpack(data, length)[header_septets:]), concatenation
    body = data[header_octets:]
    if encoding == "8bit":
        return body.hex().upper(), concatenation
    return body.decode("utf-16-be", "surrogatepass"), concatenation  # UnicodeDecodeError is a ValueError


def _read_header(header: bytes) -> Concatenation | None:
    concatenation = None
    at = 0
    while at < len(header):
        kind, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        if len(value) < size:
            raise ValueError("information element is cut off")
        if (kind, size) in ((0x00, 3), (0x08, 4)):
            reference = int.from_bytes(value[:-2], "big")
            if 1 <= value[-1] <= value[-2]:  # others are ignored, § 9.2.3.24.1
                concatenation = Concatenation(reference, value[-2], value[-1], wide=size == 4)
        at += 2 + size
    return concatenation


def read_number(address: bytes) -> str:
    """E.164 of an address field (§ 9.1.2.5: length in digits, type, semi-octets)."""
    digits = address[2:].translate(_HALVES_SWAPPED).hex()[: address[0]]
    if len(digits) < address[0] or not digits.isdigit():
        raise ValueError("address is not a number")
    if address[1] & 0x70 == 0x10:
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+32" + digits[1:] if digits.startswith("0") else digits


def make_address(number: str) -> bytes:
    """The address field of a number, or of an alphanumeric sender (up to 11 characters)."""
    digits = number.removeprefix("+")
    if digits.isascii() and digits.isdigit():
        kind = _INTERNATIONAL if number.startswith("+") else 0x81
        return bytes([len(digits), kind]) + _semi_octets(digits)
    septets = to_septets(number)
    if septets is None or len(septets) > 11:
        raise ValueError("not a sender")
    octets = pack(septets)
    return bytes([(len(septets) * 7 + 3) // 4, _ALPHANUMERIC]) + octets


def _semi_octets(digits: str) -> bytes:
    """§ 9.1.2.3: the first digit in the low half; an odd number of them ends with F."""
    return bytes.fromhex(digits + "f" * (len(digits) % 2)).translate(_HALVES_SWAPPED)


def make_timestamp(now: float) -> bytes:
    """TP-SCTS of `now` (seconds since the epoch), § 9.2.3.11."""
    local = time.strftime("%y%m%d%H%M%S", time.gmtime(now + 900 * ZONE_QUARTERS))
    return _semi_octets(f"{local}{ZONE_QUARTERS:02}")


def make_report(to: bytes, reference: int, status: int, submitted: float, discharged: float) -> bytes:
    """SMS-STATUS-REPORT, § 9.2.2.3, on TP-MR `reference` to an address field; times in seconds since the epoch."""
    stamps = make_timestamp(submitted) + make_timestamp(discharged)
    return bytes([0x06, reference]) + to + stamps + bytes([status])


def make_deliver_of(submit: Submit, sender: str, now: float) -> bytes:
    """The SMS-DELIVER (§ 9.2.2.1) that its recipient gets: protocol, coding, header and text as they were sent."""
    tpdu = submit.tpdu
    at = 2 + len(submit.address)
    protocol_and_coding, rest = tpdu[at : at + 2], tpdu[at + 2 + _VALIDITY_OCTETS[tpdu[0] >> 3 & 0x03] :]
    header = tpdu[0] & 0x40
    return bytes([0x04 | header]) + make_address(sender) + protocol_and_coding + make_timestamp(now) + rest


def to_septets(text: str) -> list[int] | None:
    """One septet per character, two for the extension table; None when a character is in neither."""
    septets: list[int] = []
    for character in text:
        code = SEPTETS.get(character)
        if code is None:
            return None
        septets += code
    return septets


def from_septets(septets: bytes) -> str:
    """Text of unpacked septets; an unknown escape shows the basic character, as § 6.2.1.1 asks."""
    text: list[str] = []
    codes = iter(septets)
    for code in codes:
        if code != ESCAPE:
            text.append(BASIC[code])
        elif (extended := next(codes, None)) is not None:
            text.append(EXTENSION.get(extended, BASIC[extended]))
    return "".join(text)


def pack(septets: list[int], skip_bits: int = 0) -> bytes:
    """Septets packed into octets, after `skip_bits` fill bits (0–6)."""
    bits = 0
    for position, code in enumerate(septets):
        bits |= code << (skip_bits + 7 * position)
    return bits.to_bytes((skip_bits + 7 * len(septets) + 7) // 8, "little")


def unpack(octets: bytes, count: int) -> bytes:
    """The first `count` septets of packed `octets`, one per byte. Raises ValueError when they are missing."""
    if len(octets) * 8 < count * 7:
        raise ValueError("user data is shorter than its length says")
    # seven octets hold eight septets
    blocks = [int.from_bytes(octets[start : start + 7], "little") for start in range(0, len(octets), 7)]
    return bytes([block >> shift & 0x7F for block in blocks for shift in range(0, 56, 7)][:count])
