"""Three lists of fifty rows, written by somebody who had not read the rules: none is read wrong without a word."""

import csv
from pathlib import Path

import pytest

from plp.services.people.importing import import_list
from plp.services.people.reading import list_in

pytestmark = pytest.mark.usefixtures("database")
LISTS = Path(__file__).parents[2] / "support" / "lists"
# Behind each row: who gets texts ("ask" where only a person knows, "nobody" for a line that is no member), and what
# is read of mobile, street and language.
TRUTH = 4
# What a zone says of the headings that are asked about.
SAID = {"SMS erwünscht": "consent_sms"}


def read(name, now):
    """The rows of a list with what should become of each, and the report of its import."""
    rows = list(csv.reader((LISTS / name).read_text().splitlines(), delimiter=";"))
    content = "\n".join(";".join(row[:-TRUTH]) for row in rows)
    whole = list_in(content.encode(), name)
    columns = [SAID.get(heading, field) for heading, field in zip(whole.header, whole.guess, strict=True)]
    truth = {line: row[-TRUTH:] for line, row in enumerate(rows[1:], 2)}
    return truth, import_list(whole, columns, "anne", now, dry_run=True, place="Ehein")


def is_right(values, sms, truth):
    """True where a row is read as it should be; a house number and a role have tests of their own."""
    texted, mobile, street, language = truth
    read = ("yes" if sms else "no", values["mobile"] or "", values["street"], values["language"])
    return read == (texted, mobile, street, language)


@pytest.mark.parametrize("name", ["french.csv", "dutch.csv", "german.csv"])
def test_each_row_is_right_asked_about_or_told(name, now):
    truth, report = read(name, now)
    told = {line for line, _note in report.notes}
    wrong = [
        row.line
        for row in report.additions
        if row.line not in told and not is_right(row.candidate.values, row.candidate.is_texted, truth[row.line])
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["french.csv", "dutch.csv", "german.csv"])
def test_who_does_not_agree_gets_no_text_told_or_not(name, now):
    truth, report = read(name, now)
    texted = {row.line for row in report.additions if row.candidate.is_texted}
    assert {line for line in texted if truth[line][0] in ("no", "nobody")} == set()


@pytest.mark.parametrize("name", ["french.csv", "dutch.csv", "german.csv"])
def test_hardly_anybody_who_agrees_is_asked_again(name, now):
    truth, report = read(name, now)
    asked = [row.line for row in report.refused if truth[row.line][0] == "yes"]
    # A deputy's role is asked about (docs/adr/0229).
    assert len(asked) <= 2
