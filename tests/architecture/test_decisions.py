"""Each decision record is short, cited, and says how it stands; the list of them says the same."""

import re

from tests.architecture.papers import RECORD, texts
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


def test_a_record_is_read_at_once():
    assert {record.name for record in RECORDS if len(record.read_text(encoding="utf-8").splitlines()) > 40} == set()


def test_each_is_cited_where_it_is_carried_out():
    outside = [text for path, text in texts().items() if path.parts[0] != "docs" and path.name != "CHANGELOG.md"]
    cited = {int(by_path or number) for text in outside for by_path, number in RECORD.findall(text)}
    assert [record.name for record in RECORDS if head(record)[0] not in cited] == []


def test_a_decision_of_before_has_one_line_and_no_record():
    lines = (FOLDER / "history.md").read_text(encoding="utf-8").splitlines()
    before = [int(line.split("|")[1]) for line in lines if re.match(r"\| \d", line)]
    assert before == sorted(set(before))
    assert set(before) & {head(record)[0] for record in RECORDS} == set()
