"""The GSM 7-bit default alphabet and its packing (3GPP TS 23.038 §§ 6.1.2.1, 6.2.1).

Written here because no library on hand may be used: libgammu is the product's own codec, and smspdudecoder 2.2
appends `@` when an escape pair meets seven spare bits ("abcde€" is read as "abcde€@").
"""

ESCAPE = 0x1B
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
    0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
_SEPTETS: dict[str, tuple[int, ...]] = {character: (code,) for code, character in enumerate(BASIC) if code != ESCAPE}
_SEPTETS |= {character: (ESCAPE, code) for code, character in EXTENSION.items()}


def to_septets(text: str) -> list[int] | None:
    """One septet per character, two for the extension table; None when a character is in neither."""
    septets: list[int] = []
    for character in text:
        code = _SEPTETS.get(character)
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
    """The first `count` septets of packed `octets`, one per byte. Raises ValueError when they are not there."""
    if len(octets) * 8 < count * 7:
        raise ValueError("user data is shorter than its length says")
    # seven octets hold eight septets
    blocks = [int.from_bytes(octets[start : start + 7], "little") for start in range(0, len(octets), 7)]
    return bytes([block >> shift & 0x7F for block in blocks for shift in range(0, 56, 7)][:count])
