"""Workbooks of which somebody coloured or numbered rows to the end of the sheet."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from plp.services.people import workbook_reading
from plp.services.people.workbook_reading import first_sheet
from tests.support.cost import cost_of

PEOPLE = [["Nom", "GSM"], ["Anne", "0470000001"]]


def padded(empty=400_000, row=b'<row r="%d" s="1"><c r="A%d" s="0"/></row>'):
    """A list of one person, then so many rows without a word, then another person."""
    book, whole, wide = Workbook(), io.BytesIO(), io.BytesIO()
    for cells in PEOPLE:
        book.active.append(cells)
    book.save(whole)
    rows = b"".join(row % (number, number) for number in range(3, empty))
    last = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>Luc</t></is></c></row>' % (empty, empty)
    with ZipFile(whole) as packed, ZipFile(wide, "w", ZIP_DEFLATED) as written:
        for entry in packed.infolist():
            part = packed.read(entry).replace(b"</sheetData>", rows + last + b"</sheetData>")
            written.writestr(entry.filename, part)
    return wide.getvalue()


@pytest.mark.slow
def test_rows_without_a_word_cost_next_to_nothing():
    assert cost_of(first_sheet, padded).is_bearable()


def test_what_stands_after_them_is_read_at_its_place(monkeypatch):
    monkeypatch.setattr(workbook_reading, "LARGE_BYTES", 0)
    sheet = first_sheet(padded(3000))
    assert sheet["rows"] == [(1, PEOPLE[0]), (2, PEOPLE[1]), (3000, ["Luc"])]


def test_a_list_without_empty_rows_is_read_as_before(monkeypatch):
    whole = padded(3, b"")
    before = first_sheet(whole)
    monkeypatch.setattr(workbook_reading, "LARGE_BYTES", 0)
    assert first_sheet(whole) == before
