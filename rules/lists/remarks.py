"""Remarks of a list: a refusal of texts, somebody who has died or left, and what only a person can judge."""

import re
from functools import lru_cache
from typing import Literal

from rules.collation import folded
from rules.lists.columns import IGNORED, words
from rules.members import NUMBERS
from rules.refusals import Refusal

Telling = Literal["", "gone", "limits", "theirs"]
_LONGEST = 500
_PATTERNS: dict[str, list[str]] = words("remarks")
_BARE_NO = frozenset(
    {"non", "nee", "neen", "nein", "refuse", "refus", "weigert", "abgelehnt", "stop", "pas d'accord", "niet akkoord"}
    | {"nicht einverstanden", "geweigerd", "refusee", "faux", "false", "falsch", "onwaar", "✗", "✘", "☐", "❌"}
)


def _any_of(*kinds: str) -> re.Pattern[str]:
    either = "|".join(pattern for kind in kinds for pattern in _PATTERNS[kind])
    return re.compile(rf"\b(?:{either})")


_REFUSES, _DEAD, _LIMITS, _NO_MORE = map(_any_of, ("refusing", "dead", "limits", "no_more"))
_OUT, _OF_TEXTS, _CONDITIONS = map(_any_of, ("out", "texts", "conditions"))
_GONE = _any_of("dead", "dead_in_remarks", "left")
_NEW_NUMBER, _OLD_AND_NEW = map(_any_of, ("new_number", "old_and_new"))
_CROSS = re.compile("|".join(_PATTERNS["cross"]))
_SIGN, _MARK = re.compile("[†✝✞]"), re.compile("[+†✝✞]")
# Cells as most are, in which no remark can stand: a number alone, an address of mail alone.
_BARE = dict.fromkeys(NUMBERS, re.compile(r"[\d\s./()+,;-]*", re.ASCII)) | {"email": re.compile(r"[\w.-]+@[\w.-]+")}
_WORD_OR_DOUBT, _DIGIT = re.compile(r"[^\W\d_]{3}|\?"), re.compile(r"\d")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
# Beside a mobile: it is perhaps somebody else's, « (son fils) », or not for everybody, « ne pas diffuser ».
_NOT_THEIRS = re.compile(rf"\b(?:{'|'.join([*_PATTERNS['theirs'], *_PATTERNS['reserves']])})|\?")
_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)\s?32\W{0,3}0?\W?|0)?4\W?[5-9]\W?\d(?:\W{0,3}\d){6}(?!\d)", re.ASCII)
# Without one of these nothing stands aside.
_MAY_BE_ASIDE = re.compile(r"[(\[]|\s[-–—/:]\s")
# « Dupont - parti en 2021 »: a dash between spaces.
_ADDED = re.compile(r"\s[-–—/:]\s(.+)")
_NAMES = ("first_name", "last_name")
# A plus sign for a cross, before or behind a name; between two names it is a couple.
_PLUS = re.compile(r"^\s*\+|\+\s*$")
# Columns that nobody reads but for what their remarks say, and the one in which « ancien membre » stands too.
_OF_REMARKS = (IGNORED, "unrelated", "role")
_CONSENTS = ("consent_sms", "consent_mail_group", "consent", "refusal")
_UNMARKED = ("street", "address", "house_number", "email", *NUMBERS)


class RowWaits(Refusal):
    """A row that can be read, and about which a person decides first."""


def refuses(text: str) -> bool:
    """True for a text that is a no on its own: « non », « plus de SMS », « uitgeschreven »."""
    return _refuses(text[:_LONGEST])


@lru_cache(4096)
def _refuses(text: str) -> bool:
    plain = folded(text)
    return plain.strip(" .!()") in _BARE_NO or _REFUSES.search(plain) is not None


def wants_out(text: str) -> bool:
    """True for a text that refuses more than texts: « désinscrite », « ne plus contacter »; perhaps they stay."""
    return _wants_out(text[:_LONGEST])


@lru_cache(4096)
def _wants_out(text: str) -> bool:
    plain = folded(text)
    return _OUT.search(plain) is not None and _OF_TEXTS.search(plain) is None


def is_conditional(text: str) -> bool:
    """True for a refusal at certain hours or but for some occasions: « liever geen nachtelijke sms »."""
    return refuses(text) and _CONDITIONS.search(folded(text[:_LONGEST])) is not None


def beside(column: str, cell: str) -> str:
    """The remark in a cell: all of it in a column that is left out, the words beside a number, what is in brackets."""
    if column == IGNORED:
        return cell
    if column in NUMBERS:
        return cell if _WORD_OR_DOUBT.search(cell) and _DIGIT.search(cell) else ""
    if not _MAY_BE_ASIDE.search(cell):
        return ""
    asides = [first or second for first, second in _BRACKETS.findall(cell[:_LONGEST])]
    if column in _NAMES and (added := _ADDED.search(cell[:_LONGEST])):
        asides.append(added[1])
    return " ".join(asides)


def telling(column: str, cell: str) -> Telling:
    """`gone` for a cell of somebody who may have died or left, `limits` of one who wants no texts but mail, `theirs` of
    a mobile that is perhaps somebody else's: the row waits on its account.
    """
    if not cell or (column in _BARE and _BARE[column].fullmatch(cell)):
        return ""
    return _telling(column, cell[:_LONGEST])


@lru_cache(4096)
def _telling(column: str, cell: str) -> Telling:
    plain = folded(cell)
    if _DEAD.search(plain):
        return "gone"
    # Most cells have none of these signs.
    if _MARK.search(plain) and (
        _SIGN.search(plain)
        or (column not in _UNMARKED and _CROSS.search(plain))
        or (column in _NAMES and _PLUS.search(cell))
    ):
        return "gone"
    remark = folded(cell if column in _OF_REMARKS else beside(column, cell))
    if not remark or column in _CONSENTS:
        return ""
    of_number = _OLD_AND_NEW if column in NUMBERS else _NEW_NUMBER
    if _GONE.search(remark) or of_number.search(remark) or wants_out(remark):
        return "gone"
    if _LIMITS.search(remark) or is_conditional(remark):
        return "limits"
    if _NO_MORE.search(remark) and not (refuses(remark) and _OF_TEXTS.search(remark)):
        return "gone"
    return "theirs" if column in NUMBERS and _is_of_others(cell) else ""


def _is_of_others(cell: str) -> bool:
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
