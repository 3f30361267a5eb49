"""The columns of people's lists: the member's field for each column, and the meaning of its cells."""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from rules.collation import folded
from rules.languages import TRAITS
from rules.members import COLUMNS
from rules.refusals import FieldRefusal, Refusal

# A column that is left out.
IGNORED = ""


def words(name: str) -> dict[str, Any]:
    """The words of `NAME.toml` in this folder."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


WORDS: dict[str, dict[str, list[str]]] = words("columns")
# What the file of refused rows has beside them.
REASON, LINE = "motif", "ligne"
_BESIDE = {REASON, LINE, "raison", "reason", "reden", "grund"}
# Fields that several columns of a list may be.
_SEVERAL = {"consent", "refusal", "unrelated"}
# `Rue Haute 12 bte 3, 4120 Neupré`: street, number, and perhaps a postal code with a place behind it.
_ADDRESS = re.compile(
    r"(?P<street>\D.*?)[\s,]{1,5}(?P<number>\d+\s?[a-z]?(?:\s?(?:/|-|bte|bus|boite|boîte|b)\s?\w+)?)"
    r"(?:[\s,;-]{1,5}(?:b-?)?(?P<code>[1-9]\d{3})\b.*)?",
    re.IGNORECASE,
)
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
_MOBILE = re.compile(r"(\+|00)?[\d\s./()-]*4[5-9]\d[\d\s./()-]{6,}")


def heading_plain(cell: str) -> str:
    """A header without capitals, accents, outer punctuation and more than one space."""
    return " ".join(re.sub("[_-]", " ", folded(cell)).strip(' :*."').split())


# A column that no word is known for is known by its own.
_NAMES = {field: [column.word] for field, column in COLUMNS.items()} | WORDS["columns"]
FIELDS = tuple({**WORDS["columns"], **_NAMES})
FRENCH = {field: names[0] for field, names in _NAMES.items()}
ANY_NUMBER = {"n°", "nr", "no", "num", "nummer", "numero"}
_KNOWN = {heading_plain(name): field for field, names in _NAMES.items() for name in names}

_ROLES = {word: code for code, words in WORDS["roles"].items() for word in words}
_LANGUAGES = {word: code for code, traits in TRAITS.items() for word in traits["cells"]}


def is_nothing(cell: str) -> bool:
    """True for a cell that is empty, or has a dash or a slash for nothing."""
    return not cell.strip(" -–—/.")


def is_beside(cell: str) -> bool:
    """True for the header of a column that the file of refused rows added."""
    return folded(cell) in _BESIDE


def guessed(header: Sequence[str]) -> list[str]:
    """The fields of the columns, IGNORED for an unknown name, and for a first « N° » that no street follows."""
    fields = [_KNOWN.get(heading_plain(cell), IGNORED) for cell in header]
    first = next((at for at, cell in enumerate(header) if not is_beside(cell)), 0)
    if header and (
        heading_plain(header[first]) in ANY_NUMBER and not {"street", "address"} & {*fields[first + 1 : first + 2]}
    ):
        fields[first] = IGNORED
    return fields


def guessed_by_content(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The same for a list without a header: columns of addresses and of mobiles show themselves."""
    columns = [[row[at] for row in rows if at < len(row) and row[at]] for at in range(width)]
    mails = [bool(cells) and all("@" in cell for cell in cells) for cells in columns]
    mobiles = [bool(cells) and all(_MOBILE.fullmatch(cell) for cell in cells) for cells in columns]
    return [
        "email" if mail and mails.index(True) == at else "mobile" if mobile and mobiles.index(True) == at else IGNORED
        for at, (mail, mobile) in enumerate(zip(mails, mobiles, strict=True))
    ]


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
    """The cells of a row by field; a whole address becomes a street, a number and a postal code."""
    named = {field: cell for field, cell in zip(columns, cells, strict=False) if field}
    whole = named.pop("address", "")
    if whole:
        match = _ADDRESS.fullmatch(whole)
        parts = (match["street"], match["number"], match["code"] or "") if match else (whole, "", "")
        for field, part in zip(("street", "house_number", "postal_code"), parts, strict=True):
            named[field] = named.get(field) or part
    return named


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
    """The role a cell names; the text itself when it is unknown, for the refusal to show."""
    return _ROLES.get(folded(text), text)


def language(text: str) -> str:
    """The code of the language a cell names; the text itself when it is unknown."""
    return _LANGUAGES.get(folded(text), text)
