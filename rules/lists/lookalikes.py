"""Columns that nobody named and whose cells look like something we keep: they are asked about, not left out."""

import re
from collections.abc import Collection, Sequence

from rules.collation import folded
from rules.lists.columns import WORDS, is_other_duty, languages_in, role
from rules.lists.streets import has_street_word
from rules.people import MEMBER_ROLES
from rules.sentences import Sentence

_GAPS = re.compile(r"[\s./()\u00a0\u202f-]+")
_MOBILE = re.compile(r"(?:\+32|0032|32)?\(?0?\)?4[5-9]\d{7}", re.ASCII)
_PHONE = re.compile(r"(?:\+32|0032|0)[1-9]\d{7}|\+\d{9,14}", re.ASCII)
_RUN = re.compile(r"(?<!\w)[+(]{0,3}\d[\d\s./()\u00a0-]{6,20}\d(?!\w)", re.ASCII)
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,99}\.\w")
_CODE_AND_PLACE = re.compile(r"(?:B\s?-?\s?)?[1-9]\d{3}[\s,-]+[^\W\d].*", re.IGNORECASE)
_HOUSE_NUMBER = re.compile(r"\d{1,4}\s?[a-z]?(?:\s?[-/.]\s?\w+|\s?(?:bte|bus|b)\.?\s?\w+)?", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){0,2}\.?")
_OF_NOBODY = frozenset(WORDS["headings"]["kept_by_nobody"] + WORDS["headings"]["of_remarks"])
_LONGEST = 120

PHONES = Sentence("numéros de téléphone")
MAILS, LANGUAGES = Sentence("adresses e-mail"), Sentence("langues de contact")
STREETS, NUMBERS, CODES = Sentence("adresses postales"), Sentence("numéros de maison"), Sentence("codes postaux")
ROLES = Sentence("rôles des membres")
FIRST_NAMES = Sentence("prénoms des membres")


def looks_like(heading: str, cells: Sequence[str], named: Collection[str], beside_street: bool) -> Sentence | None:
    """The kind of things in these cells (not empty ones) of a column without a meaning, None where it is none of ours.
    `named` are the fields that the other columns have.
    """
    cells = [cell[:_LONGEST] for cell in cells]
    if not cells:
        return None
    phones = sum(has_phone(cell) for cell in cells)
    mobiles = sum(has_mobile(cell) for cell in cells)
    if 2 * phones >= len(cells) or 5 * mobiles >= len(cells) or (mobiles and "mobile" not in named):
        return PHONES
    if 2 * sum(_ADDRESS.search(cell) is not None for cell in cells) >= len(cells):
        return MAILS
    if "language" not in named and _are_languages(cells):
        return LANGUAGES
    if "role" not in named and _are_roles(cells):
        return ROLES
    return _of_an_address(cells, named, beside_street) or _of_a_name(heading, cells, named)


def has_mobile(cell: str) -> bool:
    """True for a cell with a Belgian mobile in it, however it is written."""
    return any(_MOBILE.fullmatch(_GAPS.sub("", run)) for run in _RUN.findall(cell))


def has_phone(cell: str) -> bool:
    """True for a cell with a telephone number in it."""
    return has_mobile(cell) or any(_PHONE.fullmatch(_GAPS.sub("", run)) for run in _RUN.findall(cell))


def are_mobiles(cells: Sequence[str]) -> bool:
    """True where most of these cells are mobiles: a column called « téléphone » of a list that has no other."""
    cells = [cell[:_LONGEST] for cell in cells if cell]
    return 2 * sum(map(has_mobile, cells)) > len(cells)


def _are_languages(cells: Sequence[str]) -> bool:
    """True where each cell names a language, and one in more than a letter: F and M are something else."""
    return all(map(languages_in, cells)) and any(len(cell.strip(" .")) > 1 for cell in cells)


def _are_roles(cells: Sequence[str]) -> bool:
    """True where half of the cells name a role in words, and one that of a coordinator."""
    words = [cell for cell in cells if len(cell) > 1]
    named = [role(cell) for cell in words]
    return "coordinator" in named and 2 * sum(
        code in MEMBER_ROLES or is_other_duty(cell) for cell, code in zip(words, named, strict=True)
    ) >= len(cells)


def _of_an_address(cells: Sequence[str], named: Collection[str], beside_street: bool) -> Sentence | None:
    if not {"street", "address"} & set(named) and 2 * sum(map(has_street_word, cells)) >= len(cells):
        return STREETS
    if not {"postal_code", "address"} & set(named) and 2 * sum(map(bool, map(_CODE_AND_PLACE.fullmatch, cells))) >= len(
        cells
    ):
        return CODES
    is_numbered = all(map(_HOUSE_NUMBER.fullmatch, cells))
    return NUMBERS if beside_street and is_numbered and "house_number" not in named else None


def _of_a_name(heading: str, cells: Sequence[str], named: Collection[str]) -> Sentence | None:
    """First names, of a list that has none: they would be lost."""
    if "first_name" in named or "last_name" not in named or set(re.split(r"\W+", folded(heading))) & _OF_NOBODY:
        return None
    distinct = {folded(cell) for cell in cells}
    are_names = all(_NAME.fullmatch(cell) and cell[:1].isupper() for cell in cells)
    return FIRST_NAMES if are_names and len(cells) > 2 and 2 * len(distinct) > len(cells) else None
