"""The queue alone, without daemon and modem, each measurement in a process of its own."""

import json
import subprocess
import sys
from statistics import median

from tools.bench.radio import ROOT
from tools.bench.section import Section, figure

_PEOPLE = 100_000
_FEW = 10_000
_ROUNDS = 5
_HISTORY = 1_000_000
_CLAIMS = 2_000


def enqueue() -> Section:
    """An order for 100,000 people."""
    section = Section(
        f"{_PEOPLE:,} recipients enqueued",
        "The bare executemany writes the same rows of messages and parts, with ids known before, in one transaction. "
        "`enqueue` is the part of an order that writes, in transactions of which the longest is shown; `whole order` "
        "adds determining the recipients, the checks and the counts of the answer. Medians of five runs in turns. "
        f"`memory` is the growth of the peak from {_FEW:,} to {_PEOPLE:,} recipients. `claims` are a modem's in "
        "another process, a hundred a second, while an order is written.",
        ("what", "seconds", "ratio", "longest transaction ms", "memory MB", "claims p99 ms", "worst ms"),
    )
    # In turns, so that what else the machine does meets all three.
    rounds = [[_run(what, _PEOPLE) for what in ("bare", "enqueue", "order")] for _ in range(_ROUNDS)]
    bare, write, order = (median(one[place]["s"] for one in rounds) for place in range(3))
    write_ratio = median(one[1]["s"] / one[0]["s"] for one in rounds)
    order_ratio = median(one[2]["s"] / one[0]["s"] for one in rounds)
    section.add("bare executemany", figure(bare, 2), "1.00")
    longest = figure(median(one[1]["longest_ms"] for one in rounds))
    section.add("enqueue", figure(write, 2), figure(write_ratio, 2), longest)
    grown = median(one[2]["peak_mb"] for one in rounds) - _run("order", _FEW)["peak_mb"]
    section.add("whole order", figure(order, 2), figure(order_ratio, 2), "", figure(grown))
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
    program = [sys.executable, "-m", "tools.bench.queue_program", what, *map(str, sizes)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
    found: dict[str, float] = json.loads(done.stdout)
    return found
