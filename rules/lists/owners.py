"""Mobiles that are perhaps somebody else's, or not for everybody: « (son fils) », « ne pas diffuser »."""

import re

from rules.collation import folded
from rules.lists.columns import words

_PATTERNS: dict[str, list[str]] = words("remarks")
_NOT_THEIRS = re.compile(rf"\b(?:{'|'.join([*_PATTERNS['theirs'], *_PATTERNS['reserves']])})|\?")
_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)\s?32\W{0,3}0?\W?|0)?4\W?[5-9]\W?\d(?:\W{0,3}\d){6}(?!\d)", re.ASCII)


def is_of_others(cell: str) -> bool:
    """True where the mobile of a cell, the first of several, is perhaps not this person's to be texted on."""
    plain = folded(cell)
    first = _MOBILE.search(plain)
    if first is None:
        return False
    second = _MOBILE.search(plain, first.end())
    of_first = _NOT_THEIRS.search(plain[: first.start()]) or _NOT_THEIRS.search(_behind(plain, first, second))
    return of_first is not None


def _behind(plain: str, first: re.Match[str], second: re.Match[str] | None) -> str:
    """The words behind the first mobile that are about it: before another, only those that its brackets close."""
    behind = plain[first.end() : second.start() if second else len(plain)]
    return behind if second is None else behind[: behind.rfind(")") + 1]
