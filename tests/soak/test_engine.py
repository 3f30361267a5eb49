"""The engine against everything: it never raises but for misuse, does not grow, and cares for no chunking."""

import pickle
import random
import resource
from collections import Counter
from collections.abc import Callable

import pytest

from modem.at.engine import AtEngine
from modem.at.events import Event, Prompt
from tests.modem.at import matrix
from tests.modem.at.dialogue import PDU
from tests.soak.budget import Budget
from tests.soak.chaos import COMMANDS, mutated, noise
from tests.soak.figures import note

FULL_BYTES = 40_000_000
ROUND_BYTES = 500_000
KINDS = {"Prompt", "Response", "Doubtful", "Late", "Urc", "Restarted"}
FLOOD_BYTES = 5_000
# A line holds 4 kB and an answer 2,048 lines.
STATE_LIMIT = 9_000_000
GROWTH_LIMIT_KB = 64_000


class Twins:
    """Two engines that are told the same, one of them in smaller pieces."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.whole, self.pieces = AtEngine(), AtEngine()
        self.bytes = 0
        self.events: Counter[str] = Counter()
        self.prompted = False

    def feed(self, data: bytes) -> None:
        if not data:
            return
        events = self.whole.feed(data)
        again: list[Event] = []
        at = 0
        while at < len(data):
            size = self.dice.randrange(1, 24)
            again += self.pieces.feed(data[at : at + size])
            at += size
        assert again == events
        self.bytes += len(data)
        self.events.update(type(event).__name__ for event in events)
        self.prompted = bool(events) and isinstance(events[-1], Prompt)

    def act(self) -> None:
        """Use the engine in any way, also wrong ones: those it refuses."""
        turn = 9 if self.prompted else self.dice.randrange(10)
        if turn < 5:
            command, prompts = self.dice.choice(COMMANDS)
            self._both(lambda engine: engine.send(command, prompts))
        elif turn < 7:
            assert self.whole.abandon() == self.pieces.abandon()
        elif turn < 8:
            assert self.whole.escape() == self.pieces.escape()
        else:
            self._both(lambda engine: engine.payload(PDU))
        assert self.whole.in_flight == self.pieces.in_flight

    def converse(self) -> None:
        """Submits as a driver does them, with results that come, are refused, get lost or come late, in noise."""
        dice, reference, owed = self.dice, self.dice.randrange(256), b""
        for _ in range(dice.randrange(1, 8)):
            assert self.whole.abandon() == self.pieces.abandon()
            self._both(lambda engine: engine.send("AT+CMGS=16", expects_prompt=True))
            self.feed(mutated(dice, b"\r\n> "))
            self._both(lambda engine: engine.payload(PDU))
            reference += 1
            result = dice.choice((f"\r\n+CMGS: {reference % 256}\r\n\r\nOK\r\n".encode(), b"\r\n+CMS ERROR: 38\r\n"))
            self.feed(mutated(dice, owed))
            owed = result if dice.random() < 0.3 else b""
            if not owed and dice.random() < 0.8:
                self.feed(mutated(dice, result))

    def _both(self, use: Callable[[AtEngine], bytes]) -> None:
        """Both do it, or both refuse it as misuse."""
        outcomes = []
        for engine in (self.whole, self.pieces):
            try:
                outcomes.append(use(engine))
            except RuntimeError as misuse:
                outcomes.append(str(misuse).encode())
        assert outcomes[0] == outcomes[1]


@pytest.mark.soak(4)
def test_engine(budget: Budget):
    size = budget.scaled(FULL_BYTES)
    fed = largest = 0
    told: Counter[str] = Counter()
    first_kb = None
    for number, dice in budget.rounds():
        with budget.round(number):
            twins = Twins(dice)
            while twins.bytes < ROUND_BYTES:
                data = noise(dice)
                twins.feed(data)
                if len(data) > FLOOD_BYTES:
                    largest = max(largest, len(pickle.dumps(twins.whole)))
                twins.act()
                if dice.random() < 0.1:
                    twins.converse()
            assert largest < STATE_LIMIT
        fed += twins.bytes
        told += twins.events
        first_kb = first_kb or _memory_kb()
        if fed >= size:
            break
    assert set(told) == KINDS  # else it was no test of them
    growth_kb = _memory_kb() - (first_kb or 0)
    assert growth_kb < GROWTH_LIMIT_KB
    assert fed >= size, f"only {fed} of {size} bytes in {budget.seconds:.0f} s"
    note(
        budget,
        "AT engine, any bytes and any use",
        f"{fed / 1e6:.1f} million bytes, each in two chunkings",
        f"{told.total():,} events of all kinds, no exception but for misuse, at most {largest / 1000:.0f} kB of state, "
        f"{fed / budget.passed_s / 1e6:.1f} MB/s",
    )


def _memory_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.soak(2)
def test_matrix(budget: Budget):
    """URC × gap between lines × echo × dialect × dialogue, whole."""
    names = matrix.HARMLESS[: max(1, min(len(matrix.HARMLESS), budget.scaled(len(matrix.HARMLESS))))]
    tally = matrix.run(names)
    assert tally.wrong[:5] == []
    note(
        budget,
        "AT engine, one URC between any two lines",
        f"{len(names)} URCs × {len(matrix.DIALECTS)} dialects × {len(matrix.TALKS)} dialogues, echo on and off: "
        f"{tally.cases + tally.ambiguous:,} cases",
        f"{tally.cases:,} exact, {tally.ambiguous:,} ambiguous by nature (of the name that is asked for), 0 wrong",
    )
