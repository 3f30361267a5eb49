"""The first sheet of an Excel workbook (.xlsx, ECMA-376 part 1, § 18) as rows of texts.

Hostile ones unpack 1.5 kB to fill the memory, or number a row thousand millionth: no tree is built, every size is
checked first.
"""

import io
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

MOST_UNPACKED_BYTES = 48 * 1024 * 1024
MOST_ENTRIES = 1000
MOST_ELEMENTS = 1_200_000
DEEPEST = 32
# Excel's own: § 18.3.1.73, and its columns end at XFD.
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
LONGEST_TEXT = 32_767
# Further to the right nothing of a list stands; that something does is all that is said of it.
COLUMNS = 50

_CHUNK_BYTES = 64 * 1024
# A tag without an end would be read again from its beginning with every chunk.
_LONGEST_TAG = 4 * _CHUNK_BYTES
_RELATIONS = "xl/_rels/workbook.xml.rels"
# § 18.17.4.1: day 0, on Windows with a 29 February 1900 that never was; and on an old Mac.
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001
_FIRST_DAY_OF_A_MAC = datetime(1904, 1, 1)  # noqa: DTZ001
_DAYS = 2_958_466
# Formats without a code of their own in the file (§ 18.8.30).
_DATE_FORMATS = frozenset(map(str, (*range(14, 18), 22, *range(27, 32), 34, 35, 36, *range(50, 59))))
# Texts in quotes, after a backslash, and in brackets (colours, languages) say nothing of the kind.
_NOT_A_LETTER_OF_A_DATE = re.compile(r'"[^"]*"|\\.|\[[^\[\]]*\]')
_DOWNWARDS = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_ENTRY = b"PK\x01\x02"


class TooMuch(ValueError):
    """No list of members is so large or so odd."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """(row number from 1, its cells) of the first visible sheet, and the names of the others. What Excel does not show
    of it, a filter's rows among them: numbers of rows, and of columns from 0.
    """

    rows: Iterable[tuple[int, list[str]]]
    others: tuple[str, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


def first_sheet(content: bytes) -> Sheet:
    """The list in a workbook. Raises whatever a broken or hostile file brings about, TooMuch among it."""
    if content.count(_ENTRY) > MOST_ENTRIES:
        raise TooMuch
    with ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED_BYTES:
            raise TooMuch
        return _Book(packed).first_sheet()


@dataclass(slots=True)
class _Hidden:
    """Rows and columns of a sheet that Excel does not show."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)


class _Book:
    """A workbook: its sheets (name, path), the texts that cells share, and the styles that show a date."""

    def __init__(self, packed: ZipFile) -> None:
        self._packed = packed
        self._sheets: list[tuple[str, str]] = []
        self._first_day = _FIRST_DAY
        self._targets = {about["Id"]: about for about in _named(packed, _RELATIONS, "Relationship")}
        self._read_book()
        shared, styles = self._part("sharedStrings"), self._part("styles")
        self._strings = list(_strings(packed, shared)) if shared else []
        self._dates = _date_styles(packed, styles) if styles else frozenset()

    def first_sheet(self) -> Sheet:
        if not self._sheets:
            raise TooMuch
        merged: list[str] = []
        hidden = _Hidden()
        rows = list(self._rows(self._sheets[0][1], merged, hidden))
        _fill_merged(rows, merged)
        others = tuple(name for name, _path in self._sheets[1:])
        return Sheet(rows, others, frozenset(hidden.rows), frozenset(hidden.columns))

    def _read_book(self) -> None:
        for parent, tag, about, _text in _elements(self._packed, "xl/workbook.xml"):
            if tag == "workbookPr" and about.get("date1904") in ("1", "true"):
                self._first_day = _FIRST_DAY_OF_A_MAC
            if (parent, tag) == ("sheets", "sheet") and about.get("state", "visible") == "visible":
                key = next((value for name, value in about.items() if name.endswith(":id")), "")
                if _kind(self._targets.get(key, {})) == "worksheet":
                    self._sheets.append((about.get("name", ""), _path(self._targets[key])))

    def _part(self, kind: str) -> str | None:
        return next((_path(about) for about in self._targets.values() if _kind(about) == kind), None)

    def _rows(self, place: str, merged: list[str], hidden: "_Hidden") -> Iterator[tuple[int, list[str]]]:
        last, column, cells, pieces, left = 0, 0, [""] * 0, [""] * 0, MOST_UNPACKED_BYTES
        for parent, tag, about, text in _elements(self._packed, place):
            if tag == "v" or (tag == "t" and parent != "rPh"):
                pieces.append(text)
            elif tag == "c":
                column = _column(about["r"]) if "r" in about else column + 1
                shown = self._shown("".join(pieces), about)
                left -= len(shown)  # one text that cells share may stand in all of them
                if left < 0:
                    raise TooMuch
                _put(cells, column, shown)
                pieces = []
            elif tag == "row":
                last = int(about.get("r", last + 1))
                if not 0 < last <= LAST_ROW:
                    raise TooMuch
                if _is_hidden(about):
                    hidden.rows.add(last)
                yield last, cells
                column, cells = 0, []
            elif tag == "col" and _is_hidden(about):  # of many at once, all to the right among them
                hidden.columns.update(range(int(about["min"]) - 1, min(int(about["max"]), COLUMNS)))
            elif tag == "mergeCell":
                merged.append(about["ref"])

    def _shown(self, value: str, about: dict[str, str]) -> str:
        """A date as people write it. A number typed as a number loses its zero: 470123456 is read as a mobile again."""
        kind = about.get("t", "n")
        if not value or kind not in ("n", "s"):
            return value
        if kind == "s":
            return self._strings[int(value)]
        number = float(value)
        if about.get("s") in self._dates and 1 <= number < _DAYS:
            return f"{self._first_day + timedelta(days=number):%d/%m/%Y}"
        if not number.is_integer():
            return value
        return f"0{number:.0f}" if 460_000_000 <= number <= 499_999_999 else f"{number:.0f}"


def _is_hidden(about: dict[str, str]) -> bool:
    return about.get("hidden") in ("1", "true") or about.get("ht") == "0" or about.get("width") == "0"


def _named(packed: ZipFile, place: str, wanted: str) -> Iterator[dict[str, str]]:
    return (about for _parent, tag, about, _text in _elements(packed, place) if tag == wanted)


def _kind(target: dict[str, str]) -> str:
    return target.get("Type", "").rpartition("/")[2]


def _path(target: dict[str, str]) -> str:
    return posixpath.normpath(posixpath.join("/xl", target["Target"])).lstrip("/")


def _date_styles(packed: ZipFile, place: str) -> frozenset[str]:
    """The numbers of the cells' styles that show a date (§ 18.8.30)."""
    codes: dict[str, str] = {}
    shown: list[str] = []
    for parent, tag, about, _text in _elements(packed, place):
        if tag == "numFmt":
            codes[about["numFmtId"]] = _NOT_A_LETTER_OF_A_DATE.sub("", about["formatCode"])
        elif (parent, tag) == ("cellXfs", "xf"):
            shown.append(about.get("numFmtId", "0"))
    return frozenset(
        str(at)
        for at, code in enumerate(shown)
        if code in _DATE_FORMATS or re.search("[dy]", codes.get(code, ""), re.I)
    )


def _fill_merged(rows: list[tuple[int, list[str]]], merged: list[str]) -> None:
    """Give every row beside a cell that was merged downwards its text."""
    by_line = dict(rows) if merged else {}
    filled = 0
    for reference in merged:
        match = _DOWNWARDS.fullmatch(reference)
        if match is None:
            continue
        column, first, last = _column(match[1]), int(match[2]), int(match[4])
        top = by_line.get(first, [])
        value = top[column - 1] if 0 < column <= len(top) else ""
        for line in range(first + 1, last + 1) if value else ():
            filled += 1
            if filled > LAST_ROW:
                raise TooMuch
            if line in by_line:
                _put(by_line[line], column, value)


def _strings(packed: ZipFile, place: str) -> Iterator[str]:
    pieces: list[str] = []
    for parent, tag, _about, text in _elements(packed, place):
        if tag == "t" and parent != "rPh":  # how it is pronounced
            pieces.append(text)
        elif tag == "si":
            yield "".join(pieces)
            pieces = []


def _put(cells: list[str], column: int, value: str) -> None:
    if not 0 < column <= LAST_COLUMN:
        raise TooMuch
    if value:
        column = min(column, COLUMNS)
        cells.extend([""] * (column - len(cells)))
        cells[column - 1] = value


def _column(reference: str) -> int:
    """27 for AA7."""
    number = 0
    for letter in reference[:4].rstrip("0123456789"):
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def column_letters(at: int) -> str:
    """AA for 26."""
    before, last = divmod(at, 26)
    return (column_letters(before - 1) if before else "") + chr(ord("A") + last)


def _elements(packed: ZipFile, place: str) -> Iterator[tuple[str, str, dict[str, str], str]]:
    """(name of its parent, name, attributes, text where it is one) of every element as it ends, without namespaces."""
    reader = _Reader()
    with packed.open(place) as file:
        read = 0
        while chunk := file.read(_CHUNK_BYTES):
            reader.parser.Parse(chunk, False)
            read += len(chunk)
            if read - reader.parser.CurrentByteIndex > _LONGEST_TAG:
                raise TooMuch
            yield from reader.ended
            reader.ended.clear()
        reader.parser.Parse(b"", True)
        yield from reader.ended


class _Reader:
    """Elements as expat tells them, counted. A document type is refused: it declares entities that multiply."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str, dict[str, str], str]] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._elements = 0
        self._text = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._said
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise TooMuch
        # Without its namespace's prefix.
        self._open.append((name.rpartition(":")[2], attributes))
        self._text = ""

    def _said(self, text: str) -> None:
        if self._open[-1][0] in ("v", "t"):
            self._text += text
            if len(self._text) > LONGEST_TEXT:
                raise TooMuch

    def _end(self, _name: str) -> None:
        name, attributes = self._open.pop()
        self.ended.append((self._open[-1][0] if self._open else "", name, attributes, self._text))
        self._text = ""

    def _doctype(self, *_declared: Any) -> None:
        raise TooMuch
