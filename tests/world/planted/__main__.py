"""`python -m tests.world.planted [WORDS …]`: plants each fault (or those whose name has one of the words), and looks
for it in the seeds from 1 on; a table of how many it took.
"""

import argparse
import statistics
import sys
from collections.abc import Iterable

from tests.world.night import Night
from tests.world.plan import plan_of
from tests.world.planted import counts, modems, orders, people, queue, reports
from tests.world.planted.faults import Planted

FAULTS: tuple[Planted, ...] = tuple(
    fault for subject in (queue, reports, orders, people, counts, modems) for fault in subject.TABLE.faults
)


def seeds_until_found(fault: Planted, most: int) -> tuple[int | None, str]:
    """The first seed of 1 to `most` in which it is seen, with the oracles that saw it; None where it is not."""
    for seed in range(1, most + 1):
        with fault.in_place():
            try:
                seen = Night(plan_of(seed)).run().oracles
            except Exception as error:  # noqa: BLE001  (the product fails beyond what the world understands)
                seen = {f"the world breaks: {type(error).__name__}"}
        if seen:
            return seed, ", ".join(sorted(seen))
    return None, ""


def table(faults: Iterable[Planted], most: int) -> int:
    """Print a row for each fault, and the figures of all; returns how many were not found."""
    found, missed = [], 0
    for fault in faults:
        seed, seen = seeds_until_found(fault, most)
        sys.stdout.write(f"| {fault.name} | {seed or 'not found'} | {seen} |\n")
        sys.stdout.flush()
        missed += seed is None
        found += [] if seed is None else [seed]
    if found:
        figures = f"found {len(found)}, median {statistics.median(found):.0f}, worst {max(found)}"
        sys.stdout.write(f"{figures} seeds; not found in {most}: {missed}\n")
    return missed


def main() -> int:
    reader = argparse.ArgumentParser(prog="python -m tests.world.planted")
    reader.add_argument("words", nargs="*")
    reader.add_argument("--most", type=int, default=40)
    asked = reader.parse_args()
    chosen = [fault for fault in FAULTS if not asked.words or any(word in fault.name for word in asked.words)]
    return min(1, table(chosen, asked.most))


if __name__ == "__main__":
    sys.exit(main())
