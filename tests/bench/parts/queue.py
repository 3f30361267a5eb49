"""The queue alone, without daemon and modem, each measurement in a process of its own."""

import json
import subprocess
import sys
from statistics import median

from tests.bench.radio import ROOT
from tests.bench.section import Section, figure

_PEOPLE = 100_000
_FEW = 10_000
_ROUNDS = 3
_HISTORY = 1_000_000
_CLAIMS = 2_000


def enqueue() -> Section:
    """An order for 100,000 people."""
    section = Section(
        f"{_PEOPLE:,} recipients enqueued",
        "The bare executemany writes the same rows of messages and parts, with ids known before, in one transaction. "
        "`enqueue` is the part of an order that writes, in transactions of which the longest is shown; `whole order` "
        "adds who gets it, what speaks against it and the counts of the answer. Medians of three runs. `memory` is "
        f"the growth of the peak from {_FEW:,} to {_PEOPLE:,} recipients. `claims` are a modem's in another process, "
        "a hundred a second, while an order is written.",
        ("what", "seconds", "ratio", "longest transaction ms", "memory MB", "claims p99 ms", "worst ms"),
    )
    bare = median(_run("bare", _PEOPLE)["s"] for _ in range(_ROUNDS))
    section.add("bare executemany", figure(bare, 2), "1.00")
    writes = [_run("enqueue", _PEOPLE) for _ in range(_ROUNDS)]
    seconds = median(one["s"] for one in writes)
    longest = figure(max(one["longest_ms"] for one in writes))
    section.add("enqueue", figure(seconds, 2), figure(seconds / bare, 2), longest)
    orders = [_run("order", _PEOPLE) for _ in range(_ROUNDS)]
    seconds = median(one["s"] for one in orders)
    grown = figure(median(one["peak_mb"] for one in orders) - _run("order", _FEW)["peak_mb"])
    section.add("whole order", figure(seconds, 2), figure(seconds / bare, 2), "", grown)
    claims = _run("claims", _PEOPLE)
    section.add("claims meanwhile", "", "", "", "", figure(claims["p99_ms"]), figure(claims["worst_ms"]))
    return section


def history() -> Section:
    """A claim behind a long history."""
    section = Section(
        "A history of a million parts",
        f"The database's share of one message: PDU started (a commit), then sent and the next claim (a commit); "
        f"{_CLAIMS:,} of them in one thread. The history is delivered broadcasts of a thousand messages each. "
        "`ratio` is of the medians.",
        ("history", "median ms", "p99 ms", "ratio"),
    )
    none = 0.0
    for parts in (0, _HISTORY):
        found = _run("history", parts, _CLAIMS)
        none = none or found["median_ms"]
        ratio = found["median_ms"] / none
        section.add(figure(parts, 0), figure(found["median_ms"], 3), figure(found["p99_ms"], 3), figure(ratio, 2))
    return section


def _run(what: str, *sizes: int) -> dict[str, float]:
    program = [sys.executable, "-m", "tests.bench.queue_program", what, *map(str, sizes)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
    found: dict[str, float] = json.loads(done.stdout)
    return found
