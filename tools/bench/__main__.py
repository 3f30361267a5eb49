"""`python -m tools.bench [PART …]`: measure, print the tables, and put them into docs/benchmarks.md."""

import argparse
import sys
import time

from rich.console import Console
from rich.table import Table

from tools.bench import page
from tools.bench.machine import machine, moment
from tools.bench.parts import PARTS


def main() -> int:
    """Exit 0 when every part was measured."""
    parser = argparse.ArgumentParser("python -m tools.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all where none is named: {', '.join(PARTS)}")
    parts = parser.parse_args().parts or list(PARTS)
    if unknown := set(parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    where = machine()
    print(where)
    began = time.monotonic()
    measured = [_measure(name, where) for name in parts]
    print(f"{(time.monotonic() - began) / 60:.1f} minutes")
    return 0 if all(measured) else 1


def _measure(name: str, where: str) -> bool:
    """False when it could not be measured, which is said; the page keeps what it had, and the other parts go on."""
    when = moment()
    try:
        section = PARTS[name]()
    except Exception as error:  # noqa: BLE001  (a part that fails must not cost the others)
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        return False
    table = Table(*section.columns, title=section.title, caption=when)
    for row in section.rows:
        table.add_row(*row)
    Console(width=140).print(table)
    page.write(name, section, where, when, PARTS)
    return True


if __name__ == "__main__":
    sys.exit(main())
