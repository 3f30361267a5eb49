"""A members' list in a file: CSV as Excel and others write it, or XLSX, read into rows with their line numbers."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from db.people.members.cards import FURTHER
from db.people.members.workbook import LAST_ROW, sheet_rows
from plp.rules.collation import folded
from plp.rules.refusals import Refusal

REQUIRED = ("first_name", "last_name", "mobile", "neighbourhood")
OPTIONAL = ("email", "language", "role", "consent_sms", "consent_mail_group", *FURTHER)

_FRENCH = {
    "prenom": "first_name",
    "nom": "last_name",
    "gsm": "mobile",
    "e-mail": "email",
    "email": "email",
    "langue": "language",
    "quartier": "neighbourhood",
    "role": "role",
    "fixe": "landline",
    "telephone": "landline",
    "deuxieme numero": "second_number",
    "rue": "street",
    "numero": "house_number",
    "code postal": "postal_code",
}
_ROLES = {"": "member", "membre": "member", "member": "member", "coordinateur": "coordinator"}
_ROLES |= {"coordinatrice": "coordinator", "coordinator": "coordinator"}
_YES = frozenset({"yes", "y", "oui", "o", "ja", "j", "1", "true", "vrai", "x"})
_NO = frozenset({"no", "n", "non", "nee", "nein", "0", "false", "faux"})

# The same from the console and from the command: the largest police zone has a tenth of it.
MAXIMUM_BYTES = 8 * 1024 * 1024
MOST_ROWS = 20_000
LONGEST_LINE = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: the line in the file (from 1, the header's being 1 at the earliest) and its cells by column."""

    line: int
    cells: dict[str, str]
    # More cells than columns: a separator inside a value, so nothing in the row can be trusted.
    overfull: bool = False


def rows(content: bytes, file_name: str) -> Iterator[Row]:
    """The rows of a file. Raises Refusal when it cannot be read at all or lacks a column."""
    header: list[str] | None = None
    taken = 0
    for line, cells in table(content, file_name):
        if taken > MOST_ROWS or line > LAST_ROW:
            raise Refusal("La liste a plus de {most} lignes : coupez-la en plusieurs fichiers.", most=MOST_ROWS)
        if not any(cell.strip() for cell in cells):
            continue
        taken += 1
        if header is None:
            header = _header(cells)
            continue
        named = dict(zip_longest(header, (cell.strip() for cell in cells), fillvalue=""))
        overfull = any(cell.strip() for name, cell in zip_longest(header, cells, fillvalue="") if not name)
        yield Row(line, named, overfull)
    if header is None:
        raise Refusal("Le fichier est vide.")


def table(content: bytes, file_name: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of a CSV file or of an Excel workbook. Raises Refusal when it cannot be read."""
    if len(content) > MAXIMUM_BYTES:
        raise Refusal(
            "Le fichier dépasse {most} Mo : ce n'est pas une liste de membres.", most=MAXIMUM_BYTES // 1024 // 1024
        )
    if file_name.casefold().endswith(".xlsx") or content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    return _csv(content)


def role(text: str) -> str:
    """The role a cell names; the text itself when it is unknown, for the refusal to show."""
    return _ROLES.get(folded(text), text)


def yes_or_no(text: str, otherwise: bool) -> bool:
    """The answer in a cell, `otherwise` when it is empty. Raises Refusal for anything else."""
    word = folded(text)
    if not word:
        return otherwise
    if word in _YES or word in _NO:
        return word in _YES
    raise Refusal("« {text} » n'est ni oui ni non", text=text[:20])


def _header(cells: list[str]) -> list[str]:
    names = [_FRENCH.get(folded(cell), folded(cell)) for cell in cells]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise Refusal(
            "Il manque la colonne {missing}. La première ligne doit être, par exemple : "
            "first_name,last_name,mobile,email,language,neighbourhood,role "
            "(ou prénom,nom,gsm,e-mail,langue,quartier,rôle).",
            missing=", ".join(missing),
        )
    unknown = [name for name in names if name and name not in REQUIRED + OPTIONAL]
    if unknown:
        raise Refusal("Colonne inconnue : {unknown}. Enlevez-la ou corrigez son nom.", unknown=", ".join(unknown)[:100])
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise Refusal("La colonne {twice} est là deux fois.", twice=", ".join(twice))
    return names


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    at_end = False

    def lines() -> Iterator[str]:
        nonlocal at_end
        for number, line in enumerate(io.StringIO(text, newline=""), 1):
            if len(line) > LONGEST_LINE:
                raise Refusal("Ligne {line} : elle a plus de {most} caractères.", line=number, most=LONGEST_LINE)
            yield line
        at_end = True

    reader = csv.reader(lines(), delimiter=_delimiter(text))
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refusal("Ligne {line} : le CSV est abîmé ({error}).", line=line, error=error) from None
        if at_end:
            # Only an open quote makes the reader ask for another line; it would give the rest of the file as one value.
            raise Refusal("Ligne {line} : un guillemet est ouvert et jamais fermé. Corrigez-le.", line=line)
        yield line, cells


def _decoded(content: bytes) -> str:
    """UTF-8 with or without BOM, UTF-16 as Excel's “Unicode text”, else Windows-1252 (Excel in Belgium)."""
    marked_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked_utf16 else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("Le fichier n'est pas un texte lisible : enregistrez-le en CSV UTF-8.")


def _delimiter(text: str) -> str:
    """The separator of the first line that says something."""
    first = next((line for line in io.StringIO(text, newline="") if line.strip(" ;,\t\r\n")), "")
    return max(";,\t", key=first.count)


def _workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from sheet_rows(content)
    except Exception:  # noqa: BLE001  (a broken zip or XML raises what it likes)
        raise Refusal("Ce fichier Excel ne peut pas être lu : enregistrez-le de nouveau en .xlsx ou en CSV.") from None
