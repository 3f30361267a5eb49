"""From the officer's text to the parts to send: normalised, counted and split, in one way. GSM replacements of
characters that force UCS-2 are offered as a difference, never made automatically.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from modem.errors import TextError
from modem.sms.alphabet import ALONE, JOINED, SEPTETS, forcing, units
from modem.sms.message import Encoding

MAX_PARTS: Final = 10

_LINE_ENDS: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Control characters, lone surrogates and noncharacters never reach a modem. Soft hyphens, zero-width spaces
# and BOMs, which pasted text brings, would force UCS-2 without being seen; bidi overrides let a text read
# otherwise on the phone than on the page that was confirmed.
_DROPPED: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
# What should not be torn apart between two parts: a flag's two letters, a character with its accents,
# variation selectors, skin tones and tags, and what zero-width joiners join. Bounded so that it always fits
# one part (4 + 20 × 3 code units); a longer pile of accents may be cut.
_EXTENDERS: Final = (
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff"
    "\U000e0020-\U000e007f"
)
_CLUSTER: Final = re.compile(
    f"(?:[\U0001f1e6-\U0001f1ff]{{2}}|.)(?:[{_EXTENDERS}]|\u200d[^\u200d{_EXTENDERS}]){{0,20}}", re.DOTALL
)
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


@dataclass(frozen=True, slots=True)
class Composition:
    """A text ready to be sent. `segments` concatenated are `text`; one for every part, in order."""

    text: str
    encoding: Encoding
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """The live counter. `units` are septets (gsm7) or UTF-16 code units (ucs2) of the normalised text.

    `remaining` is what still fits before one part more is needed; units left empty where a pair was kept whole at
    the end of a part do not count. `forcing` are the distinct characters, in order of appearance, that force UCS-2.
    An empty text is 0 parts.
    """

    encoding: Encoding
    units: int
    parts: int
    remaining: int
    forcing: tuple[str, ...]


def normalise(text: str) -> str:
    """NFC, LF as the only line end, tabs as spaces, nothing invisible, no white space at the end."""
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    return unicodedata.normalize("NFC", _DROPPED.sub("", text)).rstrip()


def compose(text: str, *, max_parts: int = MAX_PARTS) -> Composition:
    """Cut `text` (23.038 § 6.2.1, 23.040 § 9.2.3.24.1). Raises TextError: `empty`, or `too_long` for `max_parts`."""
    composition = _cut(normalise(text))
    if not composition.text:
        raise TextError("empty", "Le message est vide : écrivez un texte.")
    if len(composition.segments) > max_parts:
        raise TextError("too_long", _too_long(composition, max_parts))
    return composition


def count(text: str) -> Count:
    """The length of `text` now and with more; never raises, whatever the text."""
    composition = _cut(normalise(text))
    encoding, parts = composition.encoding, len(composition.segments)
    limit = ALONE[encoding] if parts <= 1 else JOINED[encoding]
    last = units(composition.segments[-1], encoding) if parts else 0
    return Count(
        encoding=encoding,
        units=units(composition.text, encoding),
        parts=parts,
        remaining=limit - last,
        forcing=forcing(composition.text),
    )


def _cut(text: str) -> Composition:
    """`text`, already normalised, in as many parts as it needs; an empty one in none."""
    encoding: Encoding = "ucs2" if forcing(text) else "gsm7"
    if units(text, encoding) <= ALONE[encoding]:
        return Composition(text, encoding, (text,) if text else ())
    # Every GSM character is a cluster of its own, so an escape pair, being one character, is never split.
    clusters = text if encoding == "gsm7" else _CLUSTER.findall(text)
    return Composition(text, encoding, tuple(_filled(clusters, encoding)))


def _filled(clusters: Iterable[str], encoding: Encoding) -> Iterable[str]:
    """Each part filled with as many whole clusters as it holds."""
    part: list[str] = []
    used = 0
    for cluster in clusters:
        size = units(cluster, encoding)
        if used + size > JOINED[encoding]:
            yield "".join(part)
            part, used = [], 0
        part.append(cluster)
        used += size
    yield "".join(part)


def _too_long(composition: Composition, max_parts: int) -> str:
    # Two whole sentences: the console translates them.
    parts = len(composition.segments)
    if composition.encoding == "gsm7":
        return f"Ce texte compte {parts} SMS par personne, le maximum est {max_parts}. Raccourcissez-le."
    shown = " ".join(forcing(composition.text)[:8])
    return (
        f"Ce texte compte {parts} SMS par personne, le maximum est {max_parts}. Raccourcissez-le, "
        f"ou remplacez les caractères spéciaux ({shown})."
    )


def replacements(text: str) -> dict[str, str | None]:
    """Each character of the normalised `text` that forces UCS-2, in order, with its replacement or None."""
    return {char: _replacement(char) for char in forcing(normalise(text))}


def propose_gsm7(text: str) -> str | None:
    """The normalised `text` with every forcing character replaced; None when one of them has no replacement."""
    swaps = {ord(char): replacement for char, replacement in replacements(text).items()}
    return None if None in swaps.values() else normalise(text).translate(swaps)


def one_part(candidates: Iterable[str]) -> Composition | None:
    """The first of these texts that is one SMS in the GSM alphabet, with replacements; None where none is."""
    plain = (propose_gsm7(text) for text in candidates)
    return next((compose(text) for text in plain if text is not None and count(text).parts == 1), None)


def _replacement(char: str) -> str | None:
    if char in _TABLE:
        return _TABLE[char]
    letters = [part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)]
    plain = "".join(_TABLE.get(letter, letter) for letter in letters)
    return plain if SEPTETS.keys() >= set(plain) else None
