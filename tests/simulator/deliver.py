"""Texts that somebody sends to a simulated SIM, as TPDUs (3GPP TS 23.040 § 9.2.2.1)."""

from collections.abc import Iterator

from tests.simulator.base.tpdu import SEPTETS, Concatenation, make_address, make_timestamp, pack, to_septets


def make_delivers(sender: str, text: str, reference: int, now: float) -> Iterator[bytes]:
    """One SMS-DELIVER (§ 9.2.2.1) per part: 160 septets or 70 UCS-2 units alone, 153 or 67 in a chain."""
    ucs2 = to_septets(text) is None
    parts = _cut(text, ucs2)
    for number, part in enumerate(parts, 1):
        header = bytes([5, 0, 3, reference & 0xFF, len(parts), number]) if len(parts) > 1 else b""
        yield _deliver(sender, part, ucs2, header, now)


def make_part(sender: str, text: str, place: Concatenation, now: float) -> bytes:
    """One SMS-DELIVER of a chain, whatever became of the others. Raises ValueError when `text` is longer than that."""
    header = bytes([5, 0, 3, place.reference, place.total, place.number])
    return _deliver(sender, text, to_septets(text) is None, header, now)


def _deliver(sender: str, text: str, ucs2: bool, header: bytes, now: float) -> bytes:
    if ucs2:
        body = text.encode("utf-16-be")
        length = len(header) + len(body)
    else:
        septets = to_septets(text) or []
        fill = 1 if header else 0  # bit behind a header of 6 octets, which takes the place of 7 septets
        body, length = pack(septets, fill), 7 * fill + len(septets)
    if len(header) + len(body) > 140:
        raise ValueError("longer than a part")
    first = 0x44 if header else 0x04  # nothing more waits (TP-MMS), header present
    fields = bytes([first]) + make_address(sender) + bytes([0, 0x08 if ucs2 else 0x00]) + make_timestamp(now)
    return fields + bytes([length]) + header + body


def _cut(text: str, ucs2: bool) -> list[str]:
    """Into parts; escape pairs and surrogate pairs stay whole."""
    alone, joined = (70, 67) if ucs2 else (160, 153)
    sizes = [1 + (character > "\uffff") if ucs2 else len(SEPTETS[character]) for character in text]
    if sum(sizes) <= alone:
        return [text]
    parts, used = [""], 0
    for character, size in zip(text, sizes, strict=True):
        if used + size > joined:
            parts.append("")
            used = 0
        parts[-1] += character
        used += size
    return parts
