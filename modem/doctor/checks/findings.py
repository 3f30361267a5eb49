"""The doctor's sentences: one row of findings.csv for each thing that can be wrong."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

# fault    nothing goes out, or not as it should, until somebody does something
# warning  it works, and will not always
# note     good to know
Severity = Literal["fault", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in French: what, what it means, what to do. `modem` is "" where it is the box's."""

    severity: Severity
    title: str
    meaning: str
    advice: str
    modem: str = ""


def finding(code: str, modem: str = "", **values: object) -> Finding:
    """The row of this code in findings.csv, with its values filled in."""
    row = rows()[code]
    title, meaning, advice = (row[column].format(**values) for column in ("title", "meaning", "advice"))
    return Finding(cast(Severity, row["severity"]), title, meaning, advice, modem)


@cache
def rows() -> dict[str, dict[str, str]]:
    """findings.csv by code."""
    table = files(__package__).joinpath("findings.csv").read_text(encoding="utf-8")
    return {row["code"]: row for row in csv.DictReader(table.splitlines())}
