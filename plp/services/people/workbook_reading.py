"""The process that reads a workbook's first visible sheet into JSON: 1.5 kB may unpack to fill the memory."""

import io
import json
import re
import sys
from collections import defaultdict
from datetime import datetime
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from plp.services.apart import limit
from rules.lists.extent import LAST_ROW

# 50,000 rows take nine seconds and 260 MB, four times as long on a small board.
MOST_CPU_S = 60
MOST_UNPACKED_BYTES = 48 * 1024 * 1024
# A list of some thousand people has less.
LARGE_BYTES = 4 * 1024 * 1024
# Those that say where they are: of others, the next one's place would change.
_EMPTY_CELL = re.compile(rb"<c r=\"[A-Z]+[0-9]+\"[^<>]*/>")
_EMPTY_ROW = re.compile(rb"<row r=\"[0-9]+\"[^<>]*(?:/>|>\s*</row>)")
# Further to the right nothing of a list stands; that something does is all that is said of it.
COLUMNS = 50


def first_sheet(content: bytes) -> dict[str, Any]:
    """`rows` (number from 1, cells) of the first visible sheet, and the names of the `others`. The parts that Excel
    does not show, including a filter's rows: numbers of `hidden_rows`, and by its number from 0 the letters of all
    `hidden_columns`; `struck_rows` have a cell that is struck through. Raises whatever a broken or hostile file brings
    about.
    """
    with ZipFile(io.BytesIO(content)) as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > MOST_UNPACKED_BYTES:
            raise ValueError("too large")
        whole = _without_what_is_empty(packed) if unpacked > LARGE_BYTES else io.BytesIO(content)
    book = load_workbook(whole, data_only=True, keep_links=False)
    sheet, *others = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    struck, fonts = set[int](), {at for at, font in enumerate(book._fonts) if font.strike}
    rows, left = defaultdict[int, dict[int, str]](dict), MOST_UNPACKED_BYTES
    # Not `iter_rows`: it makes the million cells between here and one that somebody touched at the end of the sheet.
    for (line, column), cell in sorted(sheet._cells.items()):
        text = shown(cell.value)
        left -= len(text)  # one text that cells share may stand in all of them
        if left < 0 or not 0 < line <= LAST_ROW:
            raise ValueError("too large")
        if text:
            rows[line][min(column, COLUMNS)] = text
            if cell.has_style and cell._style.fontId in fonts:
                struck.add(line)
    for area in sheet.merged_cells.ranges:
        for line in range(area.min_row + 1, area.max_row + 1):
            if line in rows and area.min_col in rows[area.min_row]:
                rows[line][area.min_col] = rows[area.min_row][area.min_col]
    hidden = [one for one in sheet.column_dimensions.values() if one.hidden or one.width == 0]
    columns = {at for one in hidden for at in range(one.min, min(one.max, COLUMNS) + 1)}
    return {
        "rows": [(line, [cells.get(at, "") for at in range(1, max(cells) + 1)]) for line, cells in rows.items()],
        "others": [sheet.title for sheet in others],
        "struck_rows": sorted(struck),
        "hidden_rows": [line for line, row in sheet.row_dimensions.items() if row.hidden or row.height == 0],
        "hidden_columns": {at - 1: get_column_letter(at) for at in sorted(columns)},
    }


def _without_what_is_empty(packed: ZipFile) -> io.BytesIO:
    """The same workbook without cells and rows of which only the look is there: a column that somebody coloured to the
    end of the sheet is a million of them, ten seconds to read.
    """
    lighter = io.BytesIO()
    with ZipFile(lighter, "w") as written:
        for entry in packed.infolist():
            part = packed.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                part = _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", part))
            written.writestr(entry.filename, part)
    return lighter


def shown(value: object) -> str:
    """A value as people write it. A number typed as a number loses its zero: 470123456 is read as a mobile again."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float | int):  # yes and no among them
        value = int(value) if value == int(value) else value
        return f"0{value}" if 460_000_000 <= value <= 499_999_999 else str(value)
    return str(value)


def main() -> None:
    """Standard input to standard output, within the limits."""
    limit(MOST_CPU_S)
    sys.stdout.buffer.write(json.dumps(first_sheet(sys.stdin.buffer.read()), ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
