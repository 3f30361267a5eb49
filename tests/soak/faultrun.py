"""One alert through modems with one fault: `python -m tests.soak.faultrun PEOPLE WITHIN_S SUBMIT_MS [SPEC …]`.

Prints a line of JSON: what the network took against what people are shown. A process of its own, because the models
are bound to one database. `--real`: the daemon with its own waits, until the first round is over; with `--delivered N`
until so many have it.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.models.broadcasts import Attempt, Part
from rules.states import PartState
from tests.e2e.box import Box, eventually, mobile

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
    modems: tuple[str, ...]
    delivered: int


def run(order: Order) -> dict[str, Any]:
    """Lost are those shown as sent or delivered whom the network never had; doubled, those whom it had twice."""
    with tempfile.TemporaryDirectory(prefix="plp-fault-") as folder:
        box = Box(Path(folder), order.modems)
        try:
            broadcast = _start(box, order)
            seconds = _follow(box, broadcast, order)
            return {"specs": order.specs, **seconds, **_compared(box, broadcast, order)}
        finally:
            box.close()


def _start(box: Box, order: Order) -> int:
    faults = [argument for spec in order.specs for argument in ("--fault", spec)]
    for seed, name in enumerate(order.modems):
        pace = ("--submit-ms", str(order.submit_ms), "--report-ms", "20")
        box.start_simulator(name, *pace, "--seed", str(seed), *faults)
    box.plp("migrate")
    box.import_members(order.people)
    box._start("-m", *(("plp", "modem") if order.real else ("tests.soak.hurried",)))
    eventually(
        "The state of the modems is unknown", lambda: box.ready_modems() >= (len(order.modems) if order.real else 1), 60
    )
    return box.send(TEXT)


def _follow(box: Box, broadcast: int, order: Order) -> dict[str, float]:
    began_s = time.monotonic()
    if order.delivered:
        enough = order.delivered
        eventually("the others have it", lambda: box.counts(broadcast).get("delivered", 0) >= enough, order.within_s)
        return {"delivered_s": round(_delivering_s(box, broadcast), 2)}
    eventually("the first round is over", lambda: _tried(box, broadcast, order.people), order.within_s)
    first_round_s = time.monotonic() - began_s
    if not order.real:
        waiting = {"queued", "sending"}
        eventually("nothing waits", lambda: not box.counts(broadcast).keys() & waiting, order.within_s)
    settled_s = time.monotonic() - began_s
    time.sleep(1.0)  # the last reports
    return {"first_round_s": round(first_round_s, 2), "settled_s": round(settled_s, 2)}


def _compared(box: Box, broadcast: int, order: Order) -> dict[str, Any]:
    taken = Counter(record["to"] for record in box.log(*order.modems, tpdus=True))
    shown = {state: box.people(broadcast, state) for state in box.counts(broadcast)}
    better = set().union(*(shown.get(state, set()) for state in BETTER_THAN_UNKNOWN))
    everyone = {mobile(number) for number in range(order.people)}
    return {
        "counts": {state: len(numbers) for state, numbers in shown.items()},
        "taken": len(taken),
        "lost": len(better - set(taken)),
        "forgotten": len(everyone - set().union(*shown.values())),
        "doubled": sum(often > 1 for often in taken.values()),
        "hidden": len(set(taken) & shown.get("failed", set())),
    }


def _delivering_s(box: Box, broadcast: int) -> float:
    """From the first claim to the last report: what the command that ordered it took is not in it."""
    with box.reading():
        parts = Part.select().where(Part.broadcast == broadcast)
        first = min(attempt.claimed_at for attempt in Attempt.select().where(Attempt.part.in_(parts)))
        last = max(part.changed_at for part in parts.where(Part.state == PartState.DELIVERED))
    return float((last - first).total_seconds())


def _tried(box: Box, broadcast: int, people: int) -> bool:
    """Everybody had a turn: whoever still waits was refused once."""
    with box.reading():
        tried = Part.select(Part.message).join(Attempt).where(Part.broadcast == broadcast).distinct().count()
    return bool(tried >= people)


def _order() -> Order:
    reader = argparse.ArgumentParser()
    reader.add_argument("people", type=int)
    reader.add_argument("within_s", type=float)
    reader.add_argument("submit_ms", type=int)
    reader.add_argument("specs", nargs="*")
    reader.add_argument("--real", action="store_true")
    reader.add_argument("--modems", type=int, default=2)
    reader.add_argument("--delivered", type=int, default=0)
    asked = reader.parse_intermixed_args()
    modems = tuple("abcdefgh"[: asked.modems])
    return Order(asked.people, asked.within_s, asked.submit_ms, asked.specs, asked.real, modems, asked.delivered)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(_order())) + "\n")
