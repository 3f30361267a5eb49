"""Lists of members in Excel's own format, whole, lying and broken."""

import io
import json
import subprocess
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from base.watchdog import TURN_S, overdue, watched
from plp.services.people.reading import list_in
from plp.services.people.workbook_reading import first_sheet
from rules.refusals import Refusal
from tests.support.people import mobile
from tests.support.rosters import HEADER, everyone, reasons, take

# Each has a process, and a database gets the same rows from it as from other lists.
pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow, pytest.mark.files]


def workbook(*lines):
    book = Workbook()
    for line in lines:
        book.active.append(line)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_with_numbers_typed_as_numbers(now):
    content = workbook(
        ["prénom", "nom", "GSM", "quartier", "consent_sms", None],
        ["Anne", "A", 470000001, "Ehein", True, None],
        ["Luc", "B", 32470000002.0, "Ehein", False, None],
        [None, None, None, None, None, None],
        ["Jan", "C", 43304000, "Ehein", None, None],
        ["Piet", "D", 101, "Ehein", None, None],
        [12, 3.5, "0470 00 00 03", "Ehein", "oui", None],
    )
    report = take(content, now, name="liste.XLSX")
    assert (report.read, report.added) == (5, 4)
    assert "numéro court" in reasons(report)[6]
    assert {(card.name, card.mobile, card.sms) for card in everyone()} == {
        ("Jan C", None, False),
        ("Anne A", mobile(1), True),
        ("Luc B", mobile(2), False),
        ("12 3.5", mobile(3), True),
    }


def test_rows_and_columns_that_excel_hides_are_read_and_said(now):
    """Those that a filter hides, and all to the right of the last column."""
    book = Workbook()
    for line in (
        ["prénom", "nom", "GSM", "quartier", "consent_sms"],
        ["Anne", "A", "0470000001", "Ehein", "oui"],
        ["Luc", "B", "0470000002", "Ehein", "oui"],
    ):
        book.active.append(line)
    sheet = book.active
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[9].hidden = True  # nothing stands in it
    sheet.column_dimensions["E"].hidden = True
    sheet.column_dimensions.group("F", "XFD", hidden=True)
    content = io.BytesIO()
    book.save(content)
    assert take(content.getvalue(), now, name="liste.xlsx").added == 2
    whole = list_in(content.getvalue(), "liste.xlsx")
    assert (whole.hidden_rows, whole.hidden_columns) == ((3,), ("E",))


def test_a_workbook_is_known_by_its_content_too(now):
    content = workbook(HEADER.split(","), ["Anne", "A", "0470000001", "", "fr", "Ehein", ""])
    assert take(content, now, name="liste.csv").added == 1


def test_a_workbook_that_gives_its_size_wrongly_is_read_whole(now):
    content = workbook(HEADER.split(","), ["Anne", "A", "0470000001", "", "fr", "Ehein", ""])
    shrunk = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(shrunk, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'<dimension ref="A1:G2"', b'<dimension ref="A1:A1"'))
    assert take(shrunk.getvalue(), now, name="liste.xlsx").added == 1


def test_a_page_that_waits_for_a_workbook_does_not_hang(monkeypatch):
    """It may wait for another one's, too: the console would be started anew."""
    hung = []

    def slow(*command, **options):
        hung.append(overdue(time.monotonic() + TURN_S + 120))
        sheet = {
            "rows": [[1, ["nom", "gsm"]], [2, ["A", "0470"]]],
            "others": [],
            "hidden_rows": [],
            "hidden_columns": {},
            "struck_rows": [],
        }
        return subprocess.CompletedProcess(command, 0, json.dumps(sheet).encode())

    monkeypatch.setattr(subprocess, "run", slow)
    with watched():
        assert len(list_in(b"PK", "liste.xlsx").rows) == 1
    assert hung == [[]]


def test_a_workbook_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr("plp.services.people.workbook_reading.MOST_UNPACKED_BYTES", 2000)
    content = workbook(HEADER.split(","), ["Anne", "A" * 5000, "0470000001", "", "fr", "Ehein", ""])
    with pytest.raises(ValueError, match="too large"):
        first_sheet(content)


@given(data=st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broken_workbook_is_refused_or_read_but_never_raises(now, data):
    # Bounds that do not depend on the workbook: its length changes with the time that openpyxl writes into it.
    whole = workbook(HEADER.split(","), ["Anne", "A", "0470000001", "", "fr", "Ehein", ""])
    broken = bytearray(whole[: data.draw(st.integers(4, 6000))])
    for _ in range(data.draw(st.integers(0, 8))):
        broken[data.draw(st.integers(0, 6000)) % len(broken)] = data.draw(st.integers(0, 255))
    try:
        take(bytes(broken), now, name="liste.xlsx", dry_run=True)
    except Refusal:
        return


@given(
    mutation=st.sampled_from(["<", "</row>", "<c t='e'>", "&x;", "\x00", "<c r='A9999999'>", "t='s'><v>999</v>", "'"])
)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_workbook_with_broken_xml_is_refused_or_read_but_never_raises(now, mutation):
    content = workbook(HEADER.split(","), ["Anne", "A", "0470000001", "", "fr", "Ehein", ""])
    for broken in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"):
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w") as target:
            for name in source.namelist():
                text = source.read(name)
                middle = text.rfind(b"<", 0, len(text) * 2 // 3)
                target.writestr(name, text[:middle] + mutation.encode() + text[middle:] if name == broken else text)
        try:
            take(made.getvalue(), now, name="liste.xlsx", dry_run=True)
        except Refusal:
            continue
