"""The GSM 7-bit default alphabet and its extension (3GPP TS 23.038 § 6.2.1), and the alphabet that a text needs.

No national shift tables: handsets without them show wrong letters. `ç` is not in the set and forces UCS-2: slot 0x09 is
`Ç`, which handsets show and libgammu writes `c` for (docs/reference/modem-facts.md, "Alphabet").
"""

from typing import Final

from modem.sms.message import Encoding

ESCAPE: Final = 0x1B
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
    0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
SEPTETS: Final = {char: 1 for char in BASIC if char != "\x1b"} | dict.fromkeys(EXTENSION.values(), 2)

ALONE: Final[dict[Encoding, int]] = {"gsm7": 160, "ucs2": 70}
"""Units (septets or UTF-16 code units) of a part that stands alone: 140 octets."""

JOINED: Final[dict[Encoding, int]] = {"gsm7": 153, "ucs2": 67}
"""Units of a part of several: 140 octets less the 6 of an 8-bit concatenation header."""


def forcing(text: str) -> tuple[str, ...]:
    """The distinct characters, in order of appearance, that the GSM alphabet lacks: they force UCS-2."""
    return tuple(dict.fromkeys(char for char in text if char not in SEPTETS))


def units(text: str, encoding: Encoding) -> int:
    """The length of `text` in septets, or in UTF-16 code units. KeyError for what GSM 7-bit cannot hold."""
    if encoding == "gsm7":
        return sum(map(SEPTETS.__getitem__, text))
    return len(text) + sum(char > "\uffff" for char in text)


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
