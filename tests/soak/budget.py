"""Time and chance for one soak."""

import os
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

FULL_S = 600.0
TOTAL_S = float(os.environ.get("SOAK_SECONDS", FULL_S))
SEED = os.environ.get("SOAK_SEED", "") or secrets.token_hex(4)


@dataclass
class Budget:
    """`seconds` from now on. A soak has sizes for a full run: `scaled` makes them fit a shorter or longer one."""

    seconds: float
    name: str
    began_s: float = field(default_factory=time.monotonic)

    @property
    def is_full(self) -> bool:
        """Whether the figures are those of a whole run."""
        return TOTAL_S >= FULL_S

    @property
    def passed_s(self) -> float:
        return time.monotonic() - self.began_s

    def scaled(self, size: int) -> int:
        return max(1, round(size * TOTAL_S / FULL_S))

    def rounds(self) -> Iterator[tuple[int, random.Random]]:
        """Number and dice of each round, for as long as there is time."""
        number = 0
        while number == 0 or self.passed_s < self.seconds:
            yield number, random.Random(f"{SEED}/{self.name}/{number}")
            number += 1

    @contextmanager
    def round(self, number: int) -> Iterator[None]:
        """What goes wrong inside says how to see it again."""
        try:
            yield
        except BaseException as error:
            error.add_note(f"round {number} of {self.name}: SOAK_SEED={SEED} make soak")
            raise
