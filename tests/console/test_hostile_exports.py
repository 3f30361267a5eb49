"""No cell of a file that leaves the console is computed by a spreadsheet (OWASP, CSV injection)."""

import csv
import io

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from rules.refusals import Refusal
from tests.support.people import person, place

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '="a"', ";=1", '"=1')
COMPUTED = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def cells(content, **options):
    return [cell for row in csv.reader(io.StringIO(content.lstrip("\ufeff")), **options) for cell in row]


@pytest.mark.parametrize("column", range(7))
def test_no_cell_of_the_rows_that_were_refused_is_computed(admin, column):
    header = "first_name,last_name,mobile,email,language,neighbourhood,role"
    made = io.StringIO()
    for number, formula in enumerate(FORMULAS):
        row = ["Anne", "Dumont", f"047012340{number}", "", "fr", "Ehein", "member"]
        row[column] = formula
        csv.writer(made).writerow(row)
        csv.writer(made).writerow(["", "Dumont", formula, formula, formula, formula, formula])
    file = (io.BytesIO(f"{header}\n{made.getvalue()}".encode()), "=1.csv")
    waiting = admin.post("/members/import", {"file": file})
    told = cells(admin.get(f"{waiting.location}/refused.csv").text, delimiter=";")
    assert len(told) > 2 * len(FORMULAS)
    assert [cell for cell in told if cell.startswith(COMPUTED)] == []


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_address_begins_as_a_formula_does(app, formula):
    with connected():
        for address in (formula, f"{formula}@example.org", f"{formula.strip()}a@example.org"):
            with pytest.raises(Refusal):
                place("Ehein", utc_now(), address)
            with pytest.raises(Refusal):
                person(1, utc_now(), "Rotheux", email=address)
