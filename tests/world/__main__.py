"""`python -m tests.world SEED …` or `FIRST-LAST`: the nights of these seeds; one alone is told whole."""

import argparse
import gc
import sys
import time
import traceback
from collections import Counter

from tests.world.coverage import Coverage
from tests.world.night import Night
from tests.world.plan import plan_of
from tests.world.shrink import described, shrunk


def seeds_of(words: list[str]) -> list[int]:
    """Numbers and ranges, as `7` and `1-500`."""
    seeds: list[int] = []
    for word in words:
        first, _, last = word.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def main() -> int:
    reader = argparse.ArgumentParser(prog="python -m tests.world")
    reader.add_argument("seeds", nargs="+")
    reader.add_argument("--coverage", action="store_true", help="what the nights have seen, and what they have not")
    reader.add_argument("--shrink", action="store_true", help="make a night in which a rule is broken small")
    reader.add_argument("--postgres", action="store_true", help="all of them with several hosts on one PostgreSQL")
    asked = reader.parse_args()
    seeds, began_s, messages, bad = seeds_of(asked.seeds), time.perf_counter(), 0, Counter[str]()
    seen = Coverage()
    gc.freeze()  # what the product is made of stays; of a night little is left that refers to itself
    gc.set_threshold(50_000, 20, 20)
    for seed in seeds:
        try:
            outcome = Night(plan_of(seed, asked.postgres)).run()
        except Exception:  # noqa: BLE001  (one seed that breaks the world must not keep the others from being seen)
            sys.stdout.write(f"seed {seed}: the world broke\n{traceback.format_exc(limit=-4)}")
            bad["broken"] += 1
            continue
        messages += outcome.taken
        seen.add(outcome)
        bad.update(outcome.oracles)
        if asked.shrink and outcome.oracles:
            outcome = shrunk(outcome)
        if len(seeds) == 1:
            sys.stdout.write("\n".join((described(outcome.plan), *outcome.story.lines)) + "\n")
        for violation in outcome.story.violations:
            sys.stdout.write(f"seed {seed}: {violation}\n")
            sys.stdout.flush()
    if asked.coverage:
        sys.stdout.write("\n".join(seen.lines()) + "\n")
    took_s = time.perf_counter() - began_s
    figures = f"{len(seeds)} nights, {messages} SMS, {took_s:.0f} s, {len(seeds) / took_s:.2f} nights/s"
    sys.stdout.write(f"{figures}, violations {dict(bad)}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
