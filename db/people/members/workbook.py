"""The first sheet of an Excel workbook (.xlsx, ECMA-376 part 1, § 18) as rows of texts.

Hostile ones unpack 1.5 kB to fill the memory, or number a row thousand millionth: no tree is built, every size is
checked first.
"""

import io
import posixpath
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

MOST_UNPACKED_BYTES = 48 * 1024 * 1024
MOST_ENTRIES = 1000
MOST_ELEMENTS = 1_000_000
DEEPEST = 32
# Excel's own: § 18.3.1.73, and its columns end at XFD.
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
LONGEST_TEXT = 32_767
# Further to the right nothing of a list stands; that something stands there is all that is told of it.
COLUMNS = 50

_CHUNK_BYTES = 64 * 1024
# A tag without an end would be read again from its beginning with each chunk.
_LONGEST_TAG = 4 * _CHUNK_BYTES
_ENTRY = b"PK\x01\x02"


class TooMuch(ValueError):
    """No list of members is so large or so odd."""


def sheet_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """(row number from 1, its cells). Raises whatever a broken or hostile file brings about, TooMuch among it."""
    if content.count(_ENTRY) > MOST_ENTRIES:
        raise TooMuch
    with ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED_BYTES:
            raise TooMuch
        sheet, strings = _places(packed)
        yield from _rows(packed, sheet, list(_strings(packed, strings)) if strings else [])


def _places(packed: ZipFile) -> tuple[str, str | None]:
    """Paths of the first sheet, and of the texts that cells share."""
    places, texts = {}, None
    for _parent, tag, about, _text in _elements(packed, "xl/_rels/workbook.xml.rels"):
        if tag == "Relationship":
            place = posixpath.normpath(posixpath.join("/xl", about["Target"])).lstrip("/")
            kind = about["Type"].rpartition("/")[2]
            if kind == "worksheet":
                places[about["Id"]] = place
            elif kind == "sharedStrings":
                texts = place
    for parent, tag, about, _text in _elements(packed, "xl/workbook.xml"):
        if (parent, tag) == ("sheets", "sheet"):
            named = next((value for name, value in about.items() if name.endswith(":id")), None)
            if named in places:
                return places[named], texts
    raise TooMuch


def _strings(packed: ZipFile, place: str) -> Iterator[str]:
    pieces: list[str] = []
    for parent, tag, _about, text in _elements(packed, place):
        if tag == "t" and parent != "rPh":  # how it is pronounced
            pieces.append(text)
        elif tag == "si":
            yield "".join(pieces)
            pieces = []


def _rows(packed: ZipFile, place: str, strings: list[str]) -> Iterator[tuple[int, list[str]]]:
    last, column, cells, pieces = 0, 0, [""] * 0, [""] * 0
    for parent, tag, about, text in _elements(packed, place):
        if tag == "v" or (tag == "t" and parent != "rPh"):
            pieces.append(text)
        elif tag == "c":
            column = _column(about["r"]) if "r" in about else column + 1
            value, pieces = "".join(pieces), []
            _put(cells, column, strings[int(value)] if value and about.get("t") == "s" else _shown(value, about))
        elif tag == "row":
            last = int(about.get("r", last + 1))
            if not 0 < last <= LAST_ROW:
                raise TooMuch
            yield last, cells
            column, cells = 0, []


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


def _shown(value: str, about: dict[str, str]) -> str:
    """A number typed as a number loses its zero: 470123456 is read as the mobile that it was."""
    if about.get("t", "n") != "n" or not value:
        return value
    number = float(value)
    if not number.is_integer():
        return value
    return f"0{number:.0f}" if 460_000_000 <= number <= 499_999_999 else f"{number:.0f}"


def _elements(packed: ZipFile, place: str) -> Iterator[tuple[str, str, dict[str, str], str]]:
    """(name of its parent, name, attributes, text where it is one) of each element as it ends, without namespaces."""
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
