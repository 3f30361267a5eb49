"""TP-User-Data of what comes in: alphabet, header and text (3GPP TS 23.038 § 4 and § 6, 23.040 § 9.2.3.24)."""

from typing import Literal

from modem.errors import PduError
from modem.sms.alphabet import BASIC, ESCAPE, EXTENSION
from modem.sms.message import Concatenation


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


def gsm7_text(octets: bytes, septets: int, skip: int = 0) -> str:
    """`septets` packed septets as text, the first `skip` (the header and its fill bits) left out.

    A code that the extension lacks shows as its basic character, a second escape as a space (23.038 § 6.2.1.1).
    """
    packed = int.from_bytes(octets, "little")
    codes = iter([packed >> 7 * place & 0x7F for place in range(skip, septets)])
    text = []
    for code in codes:
        if code != ESCAPE:
            text.append(BASIC[code])
        elif (extended := next(codes, None)) is not None:
            text.append(" " if extended == ESCAPE else EXTENSION.get(extended, BASIC[extended]))
    return "".join(text)


def concatenation(header: bytes) -> Concatenation | None:
    """The place among parts that the header (without its length octet) tells; senseless elements are passed over."""
    found = None
    while len(header) >= 2:
        identifier, value = header[0], header[2 : 2 + header[1]]
        if header[1] == len(value) and (identifier, len(value)) in ((0x00, 3), (0x08, 4)):
            reference, total, seq = int.from_bytes(value[:-2], "big"), value[-2], value[-1]
            if 1 <= seq <= total:
                found = Concatenation(reference, seq, total)
        header = header[2 + header[1] :]
    return found


def user_data(dcs: int, length: int, octets: bytes, has_header: bool) -> tuple[str, Concatenation | None]:
    """The text, raw, and its place among parts. `length` is TP-UDL; `octets` may be longer than it says.

    PduError when cut short, or when it is no text.
    """
    coding = alphabet(dcs)
    if coding == "8bit":
        raise PduError("8-bit data, not a text")
    size = (length * 7 + 7) // 8 if coding == "gsm7" else length
    if len(octets) < size:
        raise PduError("the user data are cut short")
    octets = octets[:size]
    header = octets[: 1 + octets[0]] if has_header and octets else b""
    if header and len(header) != 1 + octets[0]:
        raise PduError("the user data header is cut short")
    if coding == "gsm7":
        text = gsm7_text(octets, length, skip=(len(header) * 8 + 6) // 7)
    else:
        body = octets[len(header) :]
        text = body[: len(body) & ~1].decode("utf-16-be", "replace")
    return text, concatenation(header[1:])
