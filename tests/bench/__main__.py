"""`python -m tests.bench [--only NAME …]`: measure, print the tables, and after a whole run write the page."""

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.machine import machine
from tests.bench.parts import PARTS
from tests.bench.section import Section

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

What `make bench` found, written by its last whole run. Everything runs on one machine, the simulated modems too, so
that all senders share its processor with them: compare the lines of one table, not tables of two machines. Speed is
measured here, never asserted in tests.

"""


def main() -> int:
    """Exit 0 when every part was measured."""
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="one part; several times for several")
    options = parser.parse_args()
    where = machine()
    print(where)
    began = time.monotonic()
    sections = [_measure(name) for name in options.only or PARTS]
    print(f"{(time.monotonic() - began) / 60:.1f} minutes")
    if not options.only:
        _write(_HEAD + where + "\n\n" + "\n".join(section.markdown() for section in sections))
    return 0 if all(section.rows for section in sections) else 1


def _measure(name: str) -> Section:
    """Without rows when it could not be measured, which is said; the other parts go on."""
    try:
        section = PARTS[name]()
    except Exception as error:  # noqa: BLE001  (a part that fails must not cost the others)
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        return Section(f"Part `{name}`", f"Not measured in this run ({type(error).__name__}).", ("nothing",))
    table = Table(*section.columns, title=section.title)
    for row in section.rows:
        table.add_row(*row)
    Console(width=140).print(table)
    return section


def _write(text: str) -> None:
    fresh = PAGE.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, PAGE)


if __name__ == "__main__":
    sys.exit(main())
