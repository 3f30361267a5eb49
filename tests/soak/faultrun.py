"""One alert through two modems with one fault: `python -m tests.soak.faultrun PEOPLE WITHIN_S SUBMIT_MS [SPEC …]`.

Prints a line of JSON: what the network took against what people are shown. A process of its own, because the models
are bound to one database. `--real` in front: the daemon with its own waits, until the first round is over.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.models import Attempt, Part
from tests.e2e.box import Box, eventually, mobile

MODEMS = ("a", "b")
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
# Shown so, a person must have been sent to; every other state says that they may not, or did not, get it.
BETTER_THAN_UNKNOWN = ("sent", "delivered")


@dataclass(frozen=True)
class Order:
    """What to run."""

    people: int
    within_s: float
    submit_ms: int
    specs: list[str]
    real: bool


def run(order: Order) -> dict[str, Any]:
    """Lost are those shown as sent or delivered whom the network never had; doubled, those whom it had twice."""
    with tempfile.TemporaryDirectory(prefix="plp-fault-") as folder:
        box = Box(Path(folder), MODEMS)
        try:
            broadcast = _start(box, order)
            seconds = _follow(box, broadcast, order)
            return {"specs": order.specs, **seconds, **_compared(box, broadcast, order.people)}
        finally:
            box.close()


def _start(box: Box, order: Order) -> int:
    faults = [argument for spec in order.specs for argument in ("--fault", spec)]
    for seed, name in enumerate(MODEMS):
        pace = ("--submit-ms", str(order.submit_ms), "--report-ms", "20")
        box.start_simulator(name, *pace, "--seed", str(seed), *faults)
    box.plp("migrate")
    box.import_members(order.people)
    box._start("-m", *(("plp", "modem") if order.real else ("tests.soak.hurried",)))
    eventually("a modem is ready", lambda: box.ready_modems() >= 1, order.within_s)
    return box.send(TEXT)


def _follow(box: Box, broadcast: int, order: Order) -> dict[str, float]:
    began_s = time.monotonic()
    eventually("the first round is over", lambda: _tried(box, broadcast, order.people), order.within_s)
    first_round_s = time.monotonic() - began_s
    if not order.real:
        waiting = {"queued", "sending"}
        eventually("nothing waits", lambda: not box.counts(broadcast).keys() & waiting, order.within_s)
    settled_s = time.monotonic() - began_s
    time.sleep(1.0)  # the last reports
    return {"first_round_s": round(first_round_s, 2), "settled_s": round(settled_s, 2)}


def _compared(box: Box, broadcast: int, people: int) -> dict[str, Any]:
    taken = Counter(record["to"] for record in box.log(*MODEMS, tpdus=True))
    shown = {state: box.people(broadcast, state) for state in box.counts(broadcast)}
    better = set().union(*(shown.get(state, set()) for state in BETTER_THAN_UNKNOWN))
    everyone = {mobile(number) for number in range(people)}
    return {
        "counts": {state: len(numbers) for state, numbers in shown.items()},
        "taken": len(taken),
        "lost": len(better - set(taken)),
        "forgotten": len(everyone - set().union(*shown.values())),
        "doubled": sum(often > 1 for often in taken.values()),
        "hidden": len(set(taken) & shown.get("failed", set())),
    }


def _tried(box: Box, broadcast: int, people: int) -> bool:
    """Everybody had a turn: whoever still waits was refused once."""
    with box.reading():
        tried = Part.select(Part.message).join(Attempt).where(Part.broadcast == broadcast).distinct().count()
    return bool(tried >= people)


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--real"]
    people, within_s, submit_ms, *specs = arguments
    told = run(Order(int(people), float(within_s), int(submit_ms), specs, real="--real" in sys.argv))
    sys.stdout.write(json.dumps(told) + "\n")
