"""The night as people read it: a line for each thing that happened, with its time."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from tests.world.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never be; `oracle` is the rule's name."""

    at: datetime
    oracle: str
    words: str

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.oracle}: {self.words}"


@dataclass
class Story:
    """All lines of a night, and what was violated in it."""

    timeline: Timeline
    lines: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    told_at_s: float = 0.0

    def tell(self, words: str) -> None:
        self.told_at_s = self.timeline.now_s
        self.lines.append(f"{self.timeline.now():%d %H:%M:%S.%f}"[:-4] + f"  {words}")

    def violate(self, oracle: str, words: str) -> None:
        """Each rule and subject once: what is wrong stays wrong at every later look."""
        if all((known.oracle, known.words) != (oracle, words) for known in self.violations):
            self.violations.append(Violation(self.timeline.now(), oracle, words))
            self.tell(f"!! {oracle}: {words}")

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()[:16]
