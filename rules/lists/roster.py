"""A list of members: the header and rows of a sheet; and CSV as Excel and others write it, read as one."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rules.lists.columns import STRUCK
from rules.lists.extent import LAST_ROW
from rules.lists.headings import guessed, guessed_by_content, is_beside
from rules.lists.lookalikes import are_mobiles
from rules.refusals import Refusal

MOST_ROWS = 60_000
LONGEST_LINE = 10_000
# A header stands no further down: titles and empty lines come before it.
HEADER_WITHIN = 20
# Cells that make a column of one without a name, where half of the rows have one.
_LEAST_FILLED = 3
# Old programs of the three kinds of computers in an office; without these three a guess finds Polish and Icelandic.
_CODE_PAGES = ["cp1252", "cp850", "mac_roman"]
_SAMPLE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sheet:
    """(row number from 1, its cells) of a file, and the names of its other sheets. The parts that Excel does not show:
    numbers of rows, and the letters of columns by their number from 0. `struck_rows` have a cell struck through.
    """

    rows: Iterable[tuple[int, Sequence[str]]]
    others: tuple[str, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: Mapping[int, str] = field(default_factory=dict)
    struck_rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One data row: its line in the file, from 1, and its cells as the file has them, without outer spaces."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """A list: the cells of its header (empty where it has none), the fields of its columns as guessed, its rows.

    `loose` are columns without a name in which hardly a row has a cell: a row that has one is shifted. `hidden_rows`
    and `hidden_columns` (A, B …) are not shown in the workbook, and read like the rest. `of_refused`: our own file of
    refused rows, corrected; it is a part of a list, so the people it does not name are not missing.
    """

    header: tuple[str, ...]
    guess: tuple[str, ...]
    rows: Sequence[Row]
    loose: frozenset[int] = frozenset()
    other_sheets: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    of_refused: bool = False
    # Lines with a cell that is struck through: their people may have left.
    struck: frozenset[int] = frozenset()

    def is_overfull(self, row: Row) -> bool:
        """True when a cell is beyond the last column: a separator inside a value, so nothing in it can be trusted."""
        return any(cell for at, cell in enumerate(row.cells) if at >= len(self.guess) or at in self.loose)


def roster(sheet: Sheet) -> Roster:
    """The list on a sheet. Raises Refusal when there is none."""
    rows = list(_said(sheet.rows))
    if not rows:
        raise Refusal("Le fichier est vide.")
    read = _with_header(rows)
    width = max(len(row.cells) for row in rows)
    return replace(
        read,
        other_sheets=sheet.others,
        struck=read.struck | {row.line for row in read.rows if row.line in sheet.struck_rows},
        hidden_rows=tuple(row.line for row in read.rows if row.line in sheet.hidden_rows),
        hidden_columns=tuple(letters for at, letters in sheet.hidden_columns.items() if at < width),
    )


def _said(table: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Row]:
    taken = 0
    for line, cells in table:
        if taken > MOST_ROWS or line > LAST_ROW:
            raise Refusal("La liste a plus de {most} lignes : coupez-la en plusieurs fichiers.", most=MOST_ROWS)
        if any(cell.strip() for cell in cells):
            taken += 1
            yield Row(line, tuple(_bare(cell) for cell in cells))


def _bare(cell: str) -> str:
    """Without outer spaces, nor the mark by which an export of ours keeps a spreadsheet from computing a text."""
    cell = cell.strip()
    return cell[1:] if cell[:2] in ("'=", "'+", "'-", "'@") else cell


def _with_header(rows: list[Row]) -> Roster:
    """The header is the first row with two names that we know, else the first that contains no person."""
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        guess = guessed(row.cells)
        if sum(map(bool, guess)) > 1:
            return _roster(row.cells, guess, rows[at + 1 :])
    first = rows[0]
    width = max(len(row.cells) for row in rows[:HEADER_WITHIN])
    if any(guessed_by_content([first.cells], len(first.cells))):
        return Roster((), tuple(guessed_by_content([row.cells for row in rows[:HEADER_WITHIN]], width)), tuple(rows))
    return _roster(first.cells, guessed(first.cells), rows[1:])


def _roster(header: Sequence[str], guess: list[str], rows: list[Row]) -> Roster:
    """Without the columns that our own file of refused rows has before the others."""
    beside = 0
    while beside < len(header) and is_beside(header[beside]):
        beside += 1
    struck = frozenset(row.line for row in rows if any(cell.endswith(f" {STRUCK}") for cell in row.cells[:beside]))
    if beside:
        rows = [Row(row.line, row.cells[beside:]) for row in rows]
    header = header[beside:]
    guess = _with_mobiles(guess[beside:], rows)
    filled = [sum(at < len(row.cells) and bool(row.cells[at]) for row in rows) for at in range(len(header))]
    loose = frozenset(
        at for at, name in enumerate(header) if not name and (filled[at] < _LEAST_FILLED or 2 * filled[at] < len(rows))
    )
    return Roster(tuple(header), tuple(guess), tuple(rows), loose, of_refused=beside > 1, struck=struck)


def _with_mobiles(guess: list[str], rows: list[Row]) -> list[str]:
    """The same where « téléphone » of a list without another column of mobiles contains mobiles."""
    if "mobile" in guess or guess.count("landline") != 1:
        return guess
    at = guess.index("landline")
    cells = [row.cells[at] for row in rows if at < len(row.cells)]
    return ["mobile" if field == "landline" else field for field in guess] if are_mobiles(cells) else guess


def csv_sheet(content: bytes) -> Sheet:
    """The rows of a CSV file, read as they are wanted: Refusal is raised then."""
    return Sheet(_csv(content))


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
            raise Refusal("Ligne {line} : fichier CSV endommagé ({error}).", line=line, error=error) from None
        if at_end:
            # Only an open quote makes the reader ask for another line; it would give the rest of the file as one value.
            raise Refusal("Ligne {line} : un guillemet est ouvert et jamais fermé. Corrigez-le.", line=line)
        yield line, cells


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16, with or without a mark; else what old programs of Windows, DOS or the Mac wrote."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif 0 in content[:2] and len(content) > 1:
        encodings = ["utf-16-be" if content[0] == 0 else "utf-16-le"]
    else:
        encodings = ["utf-8-sig"]
        if not content.isascii():
            from charset_normalizer import from_bytes  # for a list that may be no UTF-8

            telling = b"\n".join(line for line in content.splitlines() if not line.isascii())[:_SAMPLE_BYTES]
            best = from_bytes(telling, cp_isolation=_CODE_PAGES).best()
            encodings += [best.encoding if best else _CODE_PAGES[0], "latin-1"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("Le fichier n'est pas un texte lisible : enregistrez-le en CSV UTF-8.")


def _delimiter(text: str) -> str:
    """The separator by which one of the first lines is a header; else that of the first non-empty line."""
    first = []
    for line in io.StringIO(text, newline=""):
        if line.strip(" ;,\t|\r\n"):
            first.append(line[:LONGEST_LINE])
        if len(first) == HEADER_WITHIN:
            break

    def fields(separator: str) -> int:
        return max((sum(map(bool, guessed(line.rstrip("\r\n").split(separator)))) for line in first), default=0)

    return max(";,\t|", key=lambda separator: (fields(separator), first[0].count(separator) if first else 0))
