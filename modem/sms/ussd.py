"""The text of a USSD code and of its answer (3GPP TS 27.007 § 7.15, coding schemes of 23.038 § 5)."""

import re
from typing import Final

from modem.sms.alphabet import BASIC, ESCAPE, EXTENSION, gsm7_text

# `+CUSD: <m>[,<str>[,<dcs>]]`; the text may go over several lines.
_ANSWER: Final = re.compile(
    r'\+CUSD\s{0,3}:\s{0,3}(\d)(?:\s{0,3},\s{0,3}"(.*?)"?(?:(?<=")\s{0,3},\s{0,3}(\d{1,3}))?)?', re.DOTALL
)
# Text of the default alphabet where AT+CSCS="UCS2" was given: Latin and Greek letters, and the euro.
_WIDE: Final = re.compile(r"(?:0[03][0-9A-Fa-f]{2}|20[Aa][Cc]){2,}")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_DEFAULT: Final = 15
# <m>: the network has said all, or wants to be answered.
FINISHED, ASKS = 0, 1
# An answer without letters may be figures alone; packed it is hexadecimal, and longer than any amount.
_SHORTEST_PACKED: Final = 16


def packed_code(code: str) -> str:
    """`code` in the form that Huawei's firmware needs: packed septets in hexadecimal. A multiple of seven is filled
    with CR (ModemManager 1.24, plugins/huawei/mm-broadband-modem-huawei.c).
    """
    septets = [BASIC.index(char) for char in code + "\r" * (len(code) % 7 == 0)]
    packed = sum(septet << 7 * place for place, septet in enumerate(septets))
    return packed.to_bytes((7 * len(septets) + 7) // 8, "little").hex().upper()


def ussd_answer(line: str) -> tuple[int, str] | None:
    """<m> of `+CUSD: …`, and its text: 0 and 1 have one, 2 to 5 say why not (27.007 § 7.15). None for another line."""
    match = _ANSWER.fullmatch(line.strip())
    if match is None:
        return None
    return int(match[1]), _text(match[2] or "", int(match[3] or _DEFAULT)).strip()


def _text(coded: str, scheme: int) -> str:
    octets = bytes.fromhex(coded) if _HEX.fullmatch(coded) else None
    is_ucs2 = scheme == 0x11 or (0x40 <= scheme < 0x80 and scheme >> 2 & 3 == 2)
    if octets is not None and (is_ucs2 or _WIDE.fullmatch(coded)):
        octets = octets[2:] if scheme == 0x11 else octets  # the language comes first
        return octets[: len(octets) & ~1].decode("utf-16-be", "replace")
    if octets is not None and len(coded) >= _SHORTEST_PACKED and not coded.isdecimal():
        return gsm7_text(octets, len(octets) * 8 // 7).rstrip("\r@")
    return _in_default_alphabet(coded)


def _in_default_alphabet(coded: str) -> str:
    """AT+CSCS="GSM" gives codes of 23.038; most firmware gives what is in ASCII as ASCII all the same."""
    text, codes = [], iter(coded)
    for char in codes:
        if ord(char) == ESCAPE:
            text.append(EXTENSION.get(ord(next(codes, " ")), " "))
        else:
            text.append(char if char >= " " or char in "\r\n" else BASIC[ord(char)])
    return "".join(text)
