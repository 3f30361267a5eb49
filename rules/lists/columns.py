"""The columns of people's lists: the member's field for each column, and the meaning of its cells."""

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from rules.collation import folded
from rules.languages import TRAITS
from rules.members import COLUMNS
from rules.refusals import FieldRefusal, Refusal

# A column that is left out.
IGNORED = ""
# No word of ours is longer, and many cells are kept.
_LONGEST = 120


def words(name: str) -> dict[str, Any]:
    """The words of `NAME.toml` in this folder."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


WORDS: dict[str, dict[str, list[str]]] = words("columns")
# What the file of refused rows has beside them.
REASON, LINE = "motif", "ligne"
# Behind the line of a row that the workbook has struck through: taken out there, the row is read.
STRUCK = "barrée"
# Fields that several columns of a list may be.
_SEVERAL = {"consent", "refusal", "unrelated"}
# A date that Excel made of something else (2-3; 2-mars once it is saved as CSV), or a column that is not what it was
# said to be.
_MONTH = "jan|f[eé]v|feb|mar|mrt|mrz|m[aä]r|avr|apr|mai|mei|may|jui|jun|jul|ao[uû]|aug|sep|o[ck]t|nov|d[eé]c|dez"
_DATE = re.compile(
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|(?:19|20)\d\d-\d\d-\d\d.*"
    rf"|\d{{1,2}}(?:[/-]|\. ?)(?:{_MONTH})[^\W\d]*\.?(?:[/-]\d{{2,4}})?",
    re.IGNORECASE,
)
_MAY_BE_DATES = ("email", "language", "role", "postal_code", "quiet_until")
_NO_DATES = ("neighbourhood", *(name for name in COLUMNS if name not in _MAY_BE_DATES))
_EXCEL_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|VALEUR !|NOM \?)")
# A column that no word is known for is known by its own.
NAMES = {field: [column.word] for field, column in COLUMNS.items()} | WORDS["columns"]
FIELDS = tuple({**WORDS["columns"], **NAMES})
FRENCH = {field: names[0] for field, names in NAMES.items()}

_OTHER_DUTIES = frozenset(WORDS["roles"].pop("other"))
_UNCLEAR_DUTY = re.compile("|".join(WORDS["roles"].pop("unclear")))
_NONE = frozenset(WORDS["telephones"]["none"])
_MAY_BE_NONE = ("language", "role", "street", "house_number", "postal_code", "address", "box", "other_places")
_BETWEEN_LANGUAGES = re.compile(r"[/,;+&()|]| - |-(?!be\b)| et | en | und | and | ou | of | oder ")
_BILINGUAL = ("bilingue", "tweetalig", "zweisprachig", "bilingual")
_ROLES = {word: code for code, words in WORDS["roles"].items() for word in words}
_LANGUAGES = {word: code for code, traits in TRAITS.items() for word in (code, *traits["cells"])}


def is_nothing(cell: str) -> bool:
    """True for a cell that is empty, or has a dash or a slash for nothing."""
    return not cell.strip(" -–—/.")


def fields_twice(columns: Sequence[str]) -> list[str]:
    """The fields that two columns have and only one may have."""
    return sorted({field for field in columns if field and columns.count(field) > 1} - _SEVERAL)


def check_columns(columns: Sequence[str], neighbourhood_known: bool = False) -> None:
    """Raise Refusal where these columns make no members, or a field has two of them."""
    if twice := fields_twice(columns):
        raise Refusal("La colonne {twice} figure deux fois.", twice=", ".join(FRENCH[field] for field in twice))
    missing = [
        FRENCH[fields[0]]
        for fields in (("last_name", "first_name"), ("mobile", "email"), ("neighbourhood",))
        if not set(fields) & set(columns) and not (fields == ("neighbourhood",) and neighbourhood_known)
    ]
    if missing:
        raise Refusal(
            "Il manque la colonne {missing}. Indiquez-la sous « Colonnes du fichier », ou nommez-la sur la première "
            "ligne du fichier.",
            missing=", ".join(missing),
        )


def cells_by_field(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells of a row by field; a dash or « néant » is an empty one."""
    named = {field: cell for field, cell in zip(columns, cells, strict=False) if field}
    return {field: "" if is_nothing(cell) or _is_none(field, cell) else cell for field, cell in named.items()}


def _is_none(field: str, cell: str) -> bool:
    return field in _MAY_BE_NONE and not cell[:1].isdigit() and _is_none_word(cell[:_LONGEST])


@lru_cache(4096)
def _is_none_word(cell: str) -> bool:
    return folded(cell).strip(" .") in _NONE


def refuse_what_excel_made(cells: dict[str, str]) -> None:
    """Raise FieldRefusal for a date where none belongs, Refusal for an error of a formula."""
    for column, text in cells.items():
        if text[:1].isdigit() and column in _NO_DATES and _DATE.fullmatch(text):
            raise FieldRefusal(
                column, "« {text} » est une date dans la colonne {column}", text=text[:20], column=FRENCH[column]
            )
        if text[:1] == "#" and _EXCEL_ERROR.fullmatch(text):
            raise Refusal("« {text} » est une erreur d'Excel : corrigez cette cellule", text=text)


def role(text: str) -> str:
    """The role a cell names; the beginning of the text itself when it is unknown."""
    return _role(text[:_LONGEST])


def is_other_duty(text: str) -> bool:
    """True for a duty that makes nobody a coordinator: « secretaris »."""
    return _is_other_duty(text[:_LONGEST])


@lru_cache(1000)
def is_unclear_duty(text: str) -> bool:
    """True for a role that speaks of coordination or of responsibility and is neither of ours: « co-coordinateur »."""
    known = _is_other_duty(text) or folded(text).strip(" .,") in _ROLES
    return not known and _UNCLEAR_DUTY.search(folded(text[:_LONGEST])) is not None


@lru_cache(1000)
def _role(text: str) -> str:
    return "member" if _is_other_duty(text) else _ROLES.get(folded(text).strip(" .,"), text)


@lru_cache(1000)
def _is_other_duty(text: str) -> bool:
    return folded(text).strip(" .") in _OTHER_DUTIES


def languages_in(text: str) -> list[str]:
    """The codes of the languages that a cell names, in order: « Fr. », « fr/nl »; none where a word is unknown."""
    if text.isascii() and (code := _LANGUAGES.get(text.lower())):
        return [code]
    plain = folded(text)
    if code := _LANGUAGES.get(plain.strip(" .")):
        return [code]
    parts = [part.strip(" .()") for part in _BETWEEN_LANGUAGES.split(plain) if part.strip(" .()")]
    codes = [_LANGUAGES.get(part) or _by_beginning(part) for part in parts if part not in _BILINGUAL]
    return list(dict.fromkeys(codes)) if all(codes) else []


def _by_beginning(word: str) -> str:
    """The language of which a word is the beginning: « néerl. »; "" where none or several have it."""
    codes = {code for known, code in _LANGUAGES.items() if len(word) > 2 and known.startswith(word)}
    return codes.pop() if len(codes) == 1 else ""
