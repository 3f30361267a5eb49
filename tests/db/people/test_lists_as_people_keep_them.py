"""Lists as people keep them: each row is kept or refused, and the refused ones, corrected, are taken."""

from datetime import date

import pytest

from db.people.members.listing import neighbourhoods
from plp.services.people.importing import import_list, refused_csv, remembered_columns
from plp.services.people.reading import list_in
from rules.refusals import Refusal
from tests.support.nasty_lists import HEADER, NASTY, book, text
from tests.support.rosters import everyone, only

pytestmark = pytest.mark.usefixtures("database")


def take(content, now, name="liste.csv", columns=(), place=""):
    whole = list_in(content, name)
    columns = list(columns) or remembered_columns(whole)
    return whole, columns, import_list(whole, columns, "anne", now, place=place)


@pytest.mark.slow  # forty files, the workbooks in a process each
@pytest.mark.parametrize("which", NASTY)
def test_rows_read_are_kept_or_refused_and_the_refused_come_back_corrected(now, which):
    case = NASTY[which]
    whole, columns, report = take(case.content, now, case.name, case.columns, case.place)
    assert (report.read, report.added) == (case.kept + case.refused, case.kept)
    assert len(report.refused) == case.refused
    if not case.refused:
        return
    file = refused_csv(whole, columns, [(row, row.reason) for row in report.refused]).decode()
    for wrong, right in case.mended.items():
        assert wrong in file
        file = file.replace(wrong, right)
    again = take(file.encode(), now, place=case.place)[2]
    assert (again.read, again.added, again.refused) == (case.refused, case.refused, [])
    assert len(everyone()) == case.kept + case.refused


def test_there_are_thirty_of_them():
    assert len(NASTY) >= 30


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac_roman", "utf-16-le"])
def test_accents_are_read_as_they_were_written(now, encoding):
    take(text(HEADER, "Hélène;Noël;0470000001;;fr;Rotheux-Rimière;membre", encoding=encoding), now)
    assert (only().name, only().neighbourhood) == ("Hélène Noël", "Rotheux-Rimière")


def test_a_whole_address_is_taken_apart(now):
    take(NASTY["one column for the address"].content, now)
    assert (only().street, only().house_number, only().postal_code) == ("Rue Haute", "12 bte 3", "4120")


@pytest.mark.slow
def test_a_merged_cell_holds_for_all_its_rows(now):
    take(NASTY["merged cells"].content, now, "liste.xlsx")
    assert [(card.name, card.members) for card in neighbourhoods()] == [("Ehein", 3)]


@pytest.mark.slow
def test_columns_and_sheets_that_are_not_read_are_named(now):
    report = take(NASTY["columns that say nothing to us"].content, now)[2]
    assert report.ignored == ["Remarques", "Né le"]
    assert only().postal_code == "4120"
    assert list_in(NASTY["a hidden sheet before the list"].content, "liste.xlsx").other_sheets == ("Anciens",)


def test_columns_once_said_are_remembered_for_this_header(now):
    content = text("Qui;Où;Appareil", "Noël;Ehein;0470000001")
    with pytest.raises(Refusal, match="Il manque la colonne nom, gsm, quartier"):
        take(content, now)
    take(content, now, columns=("last_name", "neighbourhood", "mobile"))
    other = text("QUI;Où;Appareil", "Maes;Ehein;0470000002")
    assert take(other, now)[2].added == 1


def test_old_and_locked_workbooks_are_named(now):
    with pytest.raises(Refusal, match="ancien fichier Excel"):
        take(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, now, "liste.xls")


@pytest.mark.slow
def test_a_workbook_s_dates_are_shown_as_people_write_them():
    whole = list_in(book(["Nom", "GSM", "Né le"], ["A", 470000001, date(1960, 3, 12)]), "x.xlsx")
    assert whole.rows[0].cells == ("A", "0470000001", "12/03/1960")
