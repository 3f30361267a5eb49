"""GSM replacements of characters that force UCS-2, offered to the officer as a difference, never done alone."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from modem.sms.alphabet import SEPTETS, forcing
from modem.sms.composition import Composition, compose, count, normalise

_TABLE: Final = {
    replaced: replacement
    for replacement, all_replaced in {
        "'": "’‘‚‛′`´ʼ", '"': "“”„‟«»″", "<": "‹", ">": "›",
        "-": "–—‑‒―−•·▪●", "...": "…", " ": "\u00a0\u202f\u2007\u2009\u200a\u2002\u2003\u3000",
        "oe": "œ", "OE": "Œ", "l": "ł", "L": "Ł", "d": "đð", "D": "ĐÐ", "th": "þ", "Th": "Þ", "i": "ı", "SS": "ẞ",
        "x": "×", "/": "÷⁄", "u": "µ", "o": "°", "->": "→", "<-": "←", "(c)": "©", "(R)": "®",
        "": "\u200c\u200d\u200e\u200f",
    }.items()
    for replaced in all_replaced
}  # fmt: skip


def replacements(text: str) -> dict[str, str | None]:
    """Each character of the normalised `text` that forces UCS-2, in order, with its replacement or None."""
    return {char: _replacement(char) for char in forcing(normalise(text))}


def propose_gsm7(text: str) -> str | None:
    """The normalised `text` with every forcing character replaced; None when one of them has no replacement."""
    text = normalise(text)
    for char, replacement in replacements(text).items():
        if replacement is None:
            return None
        text = text.replace(char, replacement)
    return text


def one_part(candidates: Iterable[str]) -> Composition | None:
    """The first of these texts that is one SMS in the GSM alphabet, with replacements; None where there is none."""
    plain = (propose_gsm7(text) for text in candidates)
    return next((compose(text) for text in plain if text is not None and count(text).parts == 1), None)


def _replacement(char: str) -> str | None:
    if char in _TABLE:
        return _TABLE[char]
    letters = [part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)]
    plain = "".join(_TABLE.get(letter, letter) for letter in letters)
    return plain if SEPTETS.keys() >= set(plain) else None
