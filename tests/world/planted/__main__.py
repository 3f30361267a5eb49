"""`python -m tests.world.planted [WORDS …]`: plants each fault (or those whose name has one of the words), and looks
for it in the seeds from 1 on; a table of how many it took.
"""

import argparse
import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import FunctionType

from tests.world.night import Night
from tests.world.plan import plan_of
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
    """The first seed of those tried in which the fault was seen, None for none; the oracles that saw it; and how often
    the spoiled code ran till then (None where that is not counted).
    """

    seed: int | None
    oracles: frozenset[str] = frozenset()
    calls: int | None = None


def search(fault: Planted, most: int) -> Search:
    """Look for it in the nights of the seeds 1 to `most`, each until a rule is broken. Raises Stale."""
    calls = 0
    for seed in range(1, most + 1):
        with fault.in_place() as called:
            outcome = Night(plan_of(seed)).run(until_broken=True)
        calls += len(called)
        stale = [broken for broken in outcome.story.violations if any(sign in broken.words for sign in STALE)]
        if stale:
            raise Stale(f"{fault.name}: {stale[0]}")
        if outcome.oracles:
            return Search(seed, frozenset(outcome.oracles), calls)
    return Search(None, calls=calls if any(isinstance(change[1], FunctionType) for change in fault.changes) else None)


def table(faults: Iterable[Planted], most: int) -> int:
    """Print a row for each fault, and the figures of all; returns how many were not found."""
    found, missed = [], 0
    for fault in faults:
        looked = search(fault, most)
        seen = ", ".join(sorted(looked.oracles)) or (f"ran {looked.calls} times" if looked.calls is not None else "")
        sys.stdout.write(f"| {fault.name} | {looked.seed or 'not found'} | {seen} |\n")
        sys.stdout.flush()
        missed += looked.seed is None
        found += [] if looked.seed is None else [looked.seed]
    if found:
        figures = f"found {len(found)}, median {statistics.median(found):.0f}, worst {max(found)}"
        sys.stdout.write(f"{figures} seeds; not found in {most}: {missed}\n")
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
