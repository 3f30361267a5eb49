"""The field of a column by its heading, as people write it: « N° de GSM (privé) », « Handy-Nr. », « Rue / Straat »."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rules.collation import folded
from rules.lists.columns import IGNORED, LINE, NAMES, REASON, WORDS

# What the file of refused rows has beside them.
_BESIDE = {REASON, LINE, "raison", "reason", "reden", "grund"}
ANY_NUMBER = {"n°", "nr", "no", "num", "nummer", "numero"}
_OF_NOBODY = frozenset(WORDS["headings"]["kept_by_nobody"])
_FILLERS = frozenset(WORDS["headings"]["fillers"])
# A number without a name is a house's beside one of these.
_OF_ADDRESSES = {"street", "address", "box", "postal_code"}
_MOBILE = re.compile(r"(\+|00)?[\d\s./()-]*4[5-9]\d[\d\s./()-]{6,}")
_BETWEEN = re.compile(r"[/|\n]| - |\b(?: ou | of | oder | or )\b")


def heading_plain(cell: str) -> str:
    """A header without capitals, accents, outer punctuation and more than one space."""
    return " ".join(re.sub("[_-]", " ", folded(cell)).strip(' :*."').split())


def _words(cell: str) -> str:
    """The same without any punctuation."""
    return " ".join(re.sub(r"[^\w°]+", " ", heading_plain(cell)).split())


def _telling_words(cell: str) -> str:
    """The same without words that change nothing."""
    return " ".join(word for word in _words(cell).split() if word not in _FILLERS)


_KNOWN = {heading_plain(name): field for field, names in NAMES.items() for name in names}
_BY_WORDS = {_words(name): field for field, names in NAMES.items() for name in names}
_BY_TELLING_WORDS = {key: field for key, field in _BY_WORDS.items() if key == _telling_words(key)}


def is_beside(cell: str) -> bool:
    """True for the header of a column that the file of refused rows added."""
    return folded(cell) in _BESIDE


@lru_cache(1000)
def _field(cell: str) -> str:
    """The field that a heading names; IGNORED for an unknown one, and for two names of different fields. A place or a
    calling beside a name of ours changes nothing: « Wijk/zone ».
    """
    for key, known in (
        (heading_plain(cell), _KNOWN),
        (_words(cell), _BY_WORDS),
        (_telling_words(cell), _BY_TELLING_WORDS),
    ):
        if field := known.get(key):
            return field
    parts = [part for part in _BETWEEN.split(cell) if part.strip()]
    if len(parts) < 2:
        return IGNORED
    parts = [part for part in parts if heading_plain(part) not in _OF_NOBODY]
    fields = {_field(part) for part in parts}
    if fields == {"mobile", "landline"}:  # each number goes to its field
        return "mobile"
    return fields.pop() if len(fields) == 1 else IGNORED


def is_any_number(cell: str) -> bool:
    """True for « N° », of whatever it is the number."""
    return all(heading_plain(part) in ANY_NUMBER for part in _BETWEEN.split(cell))


def guessed(header: Sequence[str]) -> list[str]:
    """The fields of the columns, IGNORED for an unknown name, and for a « N° » that stands beside no street."""
    fields = [_field(cell) for cell in header]
    for at, cell in enumerate(header):
        around = {*fields[max(0, at - 1) : at], *fields[at + 1 : at + 2]}
        if is_any_number(cell) and not around & _OF_ADDRESSES:
            fields[at] = IGNORED
    return fields


def guessed_by_content(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The same for a list without a header: columns of addresses and of mobiles show themselves."""
    columns = [[row[at] for row in rows if at < len(row) and row[at]] for at in range(width)]
    mails = [bool(cells) and all("@" in cell for cell in cells) for cells in columns]
    mobiles = [bool(cells) and all(_MOBILE.fullmatch(cell) for cell in cells) for cells in columns]
    fields = [IGNORED] * width
    for field, fits in (("mobile", mobiles), ("email", mails)):
        if True in fits:
            fields[fits.index(True)] = field
    return fields
