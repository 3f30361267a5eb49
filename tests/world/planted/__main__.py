"""`python -m tests.world.planted [WORDS …]`: plants each fault (or those whose name has one of the words), and looks
for it in nights of its kind; a table of how many it took.
"""

import argparse
import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from types import FunctionType

from tests.world.kinds import seeds_of
from tests.world.night import Night
from tests.world.plan import plain_plan_of
from tests.world.planted import counts, modems, orders, people, queue, reports
from tests.world.planted.faults import Planted

FAULTS: tuple[Planted, ...] = tuple(
    fault for subject in (queue, reports, orders, people, counts, modems) for fault in subject.TABLE.faults
)

# What a fault fails with by itself, after a name of the product was changed.
STALE = ("AttributeError", "NameError", "TypeError", "ImportError")


class Stale(Exception):
    """The fault fails by itself: a name that it stands on is gone from the product."""


@dataclass(frozen=True)
class Search:
    """The number of nights till the fault was seen, and the seed of the last, None where it was not; the oracles that
    saw it; and how often the spoiled code ran till then (None where that is not counted).
    """

    nights: int | None
    seed: int | None
    oracles: frozenset[str] = frozenset()
    calls: int | None = None


def search(fault: Planted, most: int) -> Search:
    """Look for it in `most` nights of its kind, each until a rule is broken. Raises Stale."""
    calls = 0
    for nights, seed in enumerate(islice(seeds_of(fault.kind), most), 1):
        with fault.in_place() as called:
            outcome = Night(plain_plan_of(seed)).run(until_broken=True)
        calls += len(called)
        stale = [broken for broken in outcome.story.violations if any(sign in broken.words for sign in STALE)]
        if stale:
            raise Stale(f"{fault.name}: {stale[0]}")
        if outcome.oracles:
            return Search(nights, seed, frozenset(outcome.oracles), calls)
    return Search(
        None, None, calls=calls if any(isinstance(change[1], FunctionType) for change in fault.changes) else None
    )


def table(faults: Iterable[Planted], most: int) -> int:
    """Print a row for each fault, and the figures of all; returns how many were not found."""
    found, missed = [], 0
    for fault in faults:
        looked = search(fault, most)
        seen = ", ".join(sorted(looked.oracles)) or (f"ran {looked.calls} times" if looked.calls is not None else "")
        nights = "not found" if looked.nights is None else f"{looked.nights} (seed {looked.seed})"
        sys.stdout.write(f"| {fault.name} | {fault.kind} | {nights} | {seen} |\n")
        sys.stdout.flush()
        missed += looked.nights is None
        found += [] if looked.nights is None else [looked.nights]
    if found:
        figures = f"found {len(found)}, median {statistics.median(found):.0f}, worst {max(found)}"
        sys.stdout.write(f"{figures} nights; not found in {most}: {missed}\n")
    return missed


def main() -> int:
    reader = argparse.ArgumentParser(prog="python -m tests.world.planted")
    reader.add_argument("words", nargs="*")
    reader.add_argument("--most", type=int, default=12)
    asked = reader.parse_args()
    chosen = [fault for fault in FAULTS if not asked.words or any(word in fault.name for word in asked.words)]
    return min(1, table(chosen, asked.most))


if __name__ == "__main__":
    sys.exit(main())
