"""Rows of people who may have left, by a line through them or by a column of its own: nothing is written of them."""

import pytest
from openpyxl.styles import Font

from plp.services.people.importing import import_list, refused_csv, remembered_columns
from plp.services.people.reading import list_in
from tests.support.nasty_lists import book
from tests.support.rosters import everyone, reasons, take

HEADER = ["Nom", "GSM", "Quartier"]


def struck(*cells):
    def dress(made):
        for cell in cells:
            made.active[cell].font = Font(strike=True)

    return dress


@pytest.mark.slow
@pytest.mark.parametrize("cells", [("A3",), ("A3", "B3", "C3")])
def test_a_row_that_is_struck_through_waits_for_a_person(database, now, cells):
    content = book(HEADER, ["Noël", 470000001, "Ehein"], ["Maes", 470000002, "Ehein"], dress=struck(*cells, "A9"))
    whole = list_in(content, "liste.xlsx")
    report = import_list(whole, remembered_columns(whole), "anne", now)
    assert [card.last_name for card in everyone()] == ["Noël"]
    assert "barrée" in reasons(report)[3]
    assert report.refused[0].waits
    file = refused_csv(whole, whole.guess, [(row, row.reason) for row in report.refused]).decode("utf-8-sig")
    assert "3 barrée" in file
    assert take(file, now).added == 0
    assert take(file.replace("3 barrée", "3"), now).added == 1


@pytest.mark.parametrize(
    ("heading", "cells", "staying"),
    [
        ("Sorti le", ["12/2020", "", "non", "2021"], ["B", "C"]),
        ("Décédé", ["x", "non", "", "oui"], ["B", "C"]),
        ("Datum uittreding", ["3/5/2021", "-", "", "?"], ["B", "C"]),
        ("Einde/Fin", ["30/06/2019", "", "-", "2020"], ["B", "C"]),
        ("Austritt", ["2020", "", "nein", "ja"], ["B", "C"]),
        ("Actif", ["non", "oui", "x", ""], ["B", "C"]),
        ("Actief", ["nee", "ja", "J", "neen"], ["B", "C"]),
        ("Statut", ["Inactif", "actif", "", "démissionnaire"], ["B", "C"]),
    ],
)
def test_a_column_that_says_who_left(database, now, heading, cells, staying):
    lines = [f"{name};047000000{at};Ehein;{cell}" for at, (name, cell) in enumerate(zip("ABCD", cells, strict=True))]
    report = take("\n".join([f"nom;gsm;quartier;{heading}", *lines]), now)
    assert [card.last_name for card in everyone()] == staying
    assert all(row.waits for row in report.refused)
