"""Lists and maps from anywhere: what they cost is looked at before it is paid."""

import pytest
from click.testing import CliRunner

from console.web.app import LARGEST_UPLOAD_BYTES
from plp.cli.main import main
from plp.services.people.reading import MAXIMUM_BYTES, Reading, candidates, list_in
from rules.geometry import read_areas
from rules.lists.roster import MOST_ROWS
from rules.refusals import Refusal
from tests.support import hostile_files
from tests.support.cost import cost_of
from tests.support.journal import copied
from tests.support.sampling import sampled

HEADER = b"prenom,nom,gsm,quartier\n"


class Anywhere:
    """The neighbourhoods of a process without a database."""

    def named(self, name: str) -> str:
        return name


def read_list(content: bytes) -> None:
    whole = list_in(content, "liste")
    list(candidates(Reading(whole, whole.guess, "", Anywhere(), {}, True), []))


def named(make) -> str:
    return f"{getattr(make, 'func', make).__name__} {getattr(make, 'args', ())}"[:60]


@pytest.mark.slow
@pytest.mark.parametrize("number", ["-1", "0", "1048577", "999999999", "9" * 12, "9" * 4000, "9" * 5000, "x", "1e9"])
def test_a_row_that_says_it_is_the_thousand_millionth(number):
    with pytest.raises(Refusal, match="Excel"):
        read_list(hostile_files.row_number(number))


@pytest.mark.slow
def test_the_last_row_of_excel_is_one_row():
    assert [row.line for row in list_in(hostile_files.row_number("1048576"), "liste.xlsx").rows] == [1_048_576]


@pytest.mark.slow
def test_a_text_that_stands_in_every_cell_counts_in_each():
    with pytest.raises(Refusal, match="Excel"):
        read_list(hostile_files.string_in_every_cell())


@pytest.mark.slow  # a process and ten megabytes each
@pytest.mark.parametrize("make", sampled([*hostile_files.WORKBOOKS, *hostile_files.TEXTS], 4), ids=named)
def test_a_list_costs_two_seconds_and_200_megabytes_at_most(make):
    """This process: one of its own reads workbooks, and has its limits."""
    cost = cost_of(read_list, make)
    assert cost.raised in ("", "Refusal")
    assert cost.is_bearable(), cost


@pytest.mark.slow
@pytest.mark.parametrize("make", sampled(hostile_files.OUTLINES, 4), ids=named)
def test_a_map_costs_two_seconds_and_200_megabytes_at_most(make):
    cost = cost_of(read_areas, make)
    assert cost.raised == "Refusal"
    assert cost.is_bearable(), cost


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEADER + b"a,b,0470123456,c\n" * (MOST_ROWS + 1), "plus de 60000 lignes"),
        (HEADER + b"a,b,0470123456,c\n" + b"x" * 10_001, "Ligne 3 : elle a plus de 10000 caractères"),
    ],
)
def test_what_is_no_list_is_said(content, words):
    with pytest.raises(Refusal, match=words):
        read_list(content)


@pytest.mark.slow
def test_a_list_as_long_as_one_may_be():
    assert len(list_in(HEADER + b"a,b,0470123456,c\n" * MOST_ROWS, "liste.csv").rows) == MOST_ROWS


def test_the_command_takes_what_the_console_takes(tmp_path, seeded):
    assert MAXIMUM_BYTES < LARGEST_UPLOAD_BYTES < MAXIMUM_BYTES + 100_000
    copied(seeded, tmp_path / "plp.db")
    (tmp_path / "config.ini").write_text("[database]\nurl = sqlite:///plp.db\n")
    with (tmp_path / "liste.csv").open("wb") as file:
        file.truncate(10**12)  # nothing of it is on the disk, and nobody is to read it to its end
    settings, list_ = str(tmp_path / "config.ini"), str(tmp_path / "liste.csv")
    result = CliRunner().invoke(main, ["--config", settings, "member", "import", list_])
    assert (result.exit_code, "dépasse 8 Mo" in result.output) == (1, True), result.output
