"""Tables as files for a spreadsheet, in which no cell is computed."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Literal

Format = Literal["csv", "xlsx"]


def harmless(cell: str) -> str:
    """A text that begins as a formula does is text to a spreadsheet; a number keeps its plus."""
    formula = cell.startswith(("=", "@", "\t", "\r")) or (
        cell.startswith(("+", "-")) and not cell[1:].replace(" ", "").isdigit()
    )
    return f"'{cell}" if formula else cell


def written(rows: Iterable[Sequence[str]], kind: Format) -> bytes:
    """A CSV file that Excel reads as UTF-8, or a workbook of texts."""
    guarded = ([harmless(cell) for cell in row] for row in rows)
    return _csv(guarded) if kind == "csv" else _workbook(guarded)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    table = io.StringIO(newline="")
    csv.writer(table, delimiter=";").writerows(rows)
    return table.getvalue().encode("utf-8-sig")


def _workbook(rows: Iterable[Sequence[str]]) -> bytes:
    from openpyxl import Workbook  # for a moment, and 20 MB

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Membres")
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
