"""Each decision record says how it stands, and the list of them says the same."""

import re

from tests.architecture.source import ROOT

FOLDER = ROOT / "docs/adr"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
STATUS = re.compile(r"Status: (proposed|accepted|accepted, amended by [\d, and]+|superseded by \d+)")


def head(record):
    """Number, title and status of a record; a status of None where it bears none."""
    title, _, third = record.read_text(encoding="utf-8").split("\n")[:3]
    number, _, words = title.removeprefix("# ").partition(". ")
    status = STATUS.fullmatch(third)
    return int(number), words, status and status[1]


def test_each_record_bears_its_number_and_a_status():
    assert [record.name for record in RECORDS if head(record)[0] != int(record.name[:4])] == []
    assert [record.name for record in RECORDS if head(record)[2] is None] == []
    assert len({head(record)[0] for record in RECORDS}) == len(RECORDS)


def test_what_took_a_record_s_place_is_there():
    known = {head(record)[0] for record in RECORDS}
    named = {record.name: set(map(int, re.findall(r"\d+", head(record)[2] or ""))) for record in RECORDS}
    assert {name: numbers - known for name, numbers in named.items() if numbers - known} == {}


def test_the_list_has_them_all():
    rows = [f"| [{head(record)[0]}]({record.name}) | {head(record)[1]} | {head(record)[2]} |" for record in RECORDS]
    listed = (FOLDER / "README.md").read_text(encoding="utf-8").split("\n")
    assert [line for line in listed if line.startswith("| [")] == rows
