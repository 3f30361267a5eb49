"""What the nights of many seeds have seen: transitions of parts, and faults with the states in which they struck."""

from collections import Counter
from collections.abc import Iterator

from rules.states import PART_TRANSITIONS, PartState, Stage
from tests.world.night import Outcome
from tests.world.plan import HARD
from tests.world.world import CRASH

STATES = (*(f"part {state}" for state in PartState), *(f"broadcast {stage}" for stage in Stage))
# An order is written without a pause: nothing but a crash finds it half written.
MOMENTARY = f"broadcast {Stage.PREPARING}"
TRANSITIONS = frozenset(
    (str(source), str(target)) for source, targets in PART_TRANSITIONS.items() for target in targets
)
# What the daemon's guard alone would bring about: no number of the list is one that it refuses (rules/numbers.py).
UNREACHED = frozenset({("queued", "failed")})
PAIRS = frozenset(
    (fault, state) for fault in (*HARD, CRASH) for state in STATES if state != MOMENTARY or fault == CRASH
)


class Coverage:
    """`nights` so far, and how many of them saw what."""

    def __init__(self) -> None:
        self.nights = 0
        self.moves: Counter[tuple[str, str]] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()

    def add(self, outcome: Outcome) -> None:
        self.nights += 1
        self.moves.update(outcome.moves)
        self.pairs.update(outcome.pairs)

    def lines(self) -> Iterator[str]:
        """The report, with all that was not seen by name, and what was seen in one night of fifty at most."""
        yield from self._part("transitions of parts", TRANSITIONS - UNREACHED, self.moves, " to ")
        yield from self._part("pairs of a fault and a state", PAIRS, self.pairs, " with ")

    def _part(
        self, name: str, possible: frozenset[tuple[str, str]], seen: Counter[tuple[str, str]], between: str
    ) -> Iterator[str]:
        missing = sorted(possible - set(seen))
        share = 1 - len(missing) / len(possible)
        yield f"{name}: {len(possible) - len(missing)} of {len(possible)} ({share:.1%}) in {self.nights} nights"
        yield from (f"  never: {between.join(pair)}" for pair in missing)
        rare = sorted((often, pair) for pair, often in seen.items() if pair in possible and often * 50 <= self.nights)
        yield from (f"  in {often}: {between.join(pair)}" for often, pair in rare)
