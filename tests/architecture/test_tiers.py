"""What `make test` leaves out, `make night` runs: docs/adr/0225."""

import re
from pathlib import Path

from tests.support.sampling import LEFT_TO_SOAK, crossed

MAKEFILE = (Path(__file__).parents[2] / "Makefile").read_text()


def recipe(target: str) -> str:
    """The commands of a target of the Makefile."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found
    return found[1]


def on_postgres(target: str) -> set[str]:
    """The folders that it asks on PostgreSQL."""
    command = next(line for line in recipe(target).split("\n") if "PLP_TEST_DATABASE" in line)
    return {word for word in command.split() if word.startswith("tests/")}


def test_a_night_has_all_of_it():
    assert re.findall(r"\$\(MAKE\) --no-print-directory (\w+)", recipe("night")) == [
        "check", "test", "hours", "soak", "world", "trial",
    ]  # fmt: skip
    assert "-m whole" in recipe("soak")


def test_what_is_asked_on_postgresql_is_asked_there_whole_at_night():
    assert on_postgres("soak") == on_postgres("test")
    assert {"tests/db", "tests/races"} < on_postgres("test")


def test_of_pairs_each_value_is_tried_at_once_and_all_are_kept():
    pairs = crossed("abcde", [1, 2])
    tried = [pair.values for pair in pairs if LEFT_TO_SOAK.mark not in [mark.mark for mark in pair.marks]]
    assert tried == [("a", 1), ("b", 2), ("c", 1), ("d", 2), ("e", 1)]
    assert len(pairs) == 10
    assert len({pair.values for pair in crossed([1, 2], "abcde")}) == 10
