"""Every kind of mess in a list does what docs/lists.md says of it: taken, moved to its field, refused by its cause."""

import csv
import io
import re
from pathlib import Path

import pytest

from db.people.members.listing import Filter
from plp.services.people.exporting import export_members
from plp.services.people.importing import import_list, remembered_columns
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.reading import list_in
from rules.lists.columns import FIELDS, FRENCH

DOCUMENT = Path(__file__).parents[3] / "docs" / "lists.md"
HEADER = [FRENCH[field] for field in FIELDS if field not in ("unrelated", "refusal", "consent", "left", "active")]
HEADER = [*HEADER, "Remarques"]
RIGHT = {"prénom": "Anne", "nom": "Noël", "gsm": "0470 00 00 01", "quartier": "Ehein"}
USUAL = {"langue": "fr", "rôle": "membre", "accord sms": "oui", "accord groupe": "non", "numéro partagé": "non"}
# Rows of the document that stay as they are, so that two of them would be one person.
ONE_OF_A_KIND = ("letters O for zeros", "full-width digits")
_CELL = re.compile(r"([^,`]+?) `([^`]*)`")


def read_cells(text):
    cells = ((name.strip(), cell) for name, cell in _CELL.findall(text))
    return {name: cell.encode().decode("unicode_escape") if "\\" in cell else cell for name, cell in cells}


def documented():
    """(kind, cells, what becomes of the row, what is told of it) of each row of the document's table."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [tuple(row) for row in rows if len(row) == 4 and "`" in row[1]]


def listed(*rows):
    table = io.StringIO(newline="")
    csv.writer(table, delimiter=";").writerows([HEADER, *([row.get(name, "") for name in HEADER] for row in rows)])
    return list_in(table.getvalue().encode(), "liste.csv")


def outcome(cells, now):
    """What becomes of a row with these cells, and what is told of it."""
    whole = listed(RIGHT | cells)
    report = import_list(whole, remembered_columns(whole), "anne", now)
    told = [str(note) for _line, note in report.notes] + [row.reason for row in report.refused]
    if report.refused:
        return "refused", "; ".join(told)
    (row,) = csv_of(now)
    said = [f"{name} `{row[name]}`" for name in HEADER if name in row and row[name] and changed(name, row[name], cells)]
    return "taken" + (f": {', '.join(said)}" if said else ""), "; ".join(told)


def changed(name, value, cells):
    """True where a column is not what every row has."""
    usual = RIGHT | {
        "langue": "fr",
        "rôle": "membre",
        "accord sms": "oui",
        "accord groupe": "non",
        "numéro partagé": "non",
    }
    return name in cells or value != usual.get(name, "")


def csv_of(now):
    content = b"".join(export_members(Filter(), "csv", "anne", now)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content), delimiter=";"))


@pytest.fixture(autouse=True)
def places(database, now):
    for name in ("Ehein", "Rotheux-Rimière", "L'Hermitage"):
        save_neighbourhood(None, name, "", "anne", now)


@pytest.mark.parametrize("kind", documented(), ids=lambda kind: kind[0])
def test_each_kind_of_mess_does_what_the_document_says(now, kind):
    _name, cells, becomes, told = kind
    assert outcome(read_cells(cells), now) == (becomes, told)


@pytest.mark.slow
def test_a_list_of_298_rows_in_the_proportions_that_were_found_is_taken_at_first_try(now):
    """Two of three rows are right; 14 have two numbers, 8 a landline, 20 no neighbourhood; the rest is every other kind
    that the document has, once each.
    """
    kinds = {name: read_cells(cells) for name, cells, _becomes, _told in documented()}
    two, landline, nowhere = "two mobiles, a slash between", "a landline for a mobile", "no neighbourhood"
    of_number = [two] * 14 + [landline] * 8 + [nowhere] * 20
    # Who died or left, or may want no SMS, is asked about, in any list.
    asked = ("à vérifier", "oui ou non", "sous réserve", "coordinateur ou membre")
    waits = {name for name, _cells, _becomes, told in documented() if any(words in told for words in asked)}
    others = [name for name in kinds if name not in (*of_number, *ONE_OF_A_KIND, *waits)]
    rows = [kinds[name] for name in (*of_number, *others)]
    rows += [{}] * (298 - len(rows))
    whole = listed(*(numbered(row, at) for at, row in enumerate(rows)))
    report = import_list(whole, remembered_columns(whole), "anne", now, place="Ehein")
    assert report.read == 298
    assert 100 * report.added >= 95 * report.read, [row.reason for row in report.refused]
    assert len({row.reason for row in report.refused}) == len(report.refused), "each of another kind"
    again = import_list(whole, remembered_columns(whole), "anne", now, place="Ehein")
    assert (again.added, again.changed, len(again.refused)) == (0, 0, len(report.refused))


def numbered(cells, at):
    """The same row of somebody else."""
    prefix, end = (*range(470, 480), *range(490, 500))[at % 20], 2 * (at // 20)

    def other(text):
        text = re.sub("4(,?)70", lambda found: f"4{found[1]}{prefix % 100:02}", text)
        return re.sub(r"0([12])(?=\D|$)", lambda found: f"{end + int(found[1]):02}", text)

    # Some of the rows have a yes or a no, so an empty cell would be asked about.
    row = RIGHT | {"accord sms": "oui"} | cells
    row |= {name: other(row[name]) for name in ("gsm", "fixe") if row.get(name) and "/1960" not in row[name]}
    row |= {"e-mail": re.sub(r"(?=@)", str(at), row["e-mail"])} if "e-mail" in row else {}
    return row | ({"nom": f"{row['nom']}{at}"} if row["nom"] else {})
