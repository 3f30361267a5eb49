"""A token bucket with jitter: operators cut off SIMs that send like clockwork."""

import random
from datetime import datetime, timedelta

from plp.rules.broadcasts import LANE_DRILL, LANE_NORMAL


def is_due(at: datetime | None, now: datetime, longest: timedelta) -> bool:
    """True when `at` has come, or is further away than the longest wait there is: then the clock was set back."""
    return at is None or now >= at or at - now > longest


class Pace:
    """At most `per_minute` on average, each gap varied by a fifth; 0 is no limit."""

    def __init__(self, per_minute: int, chance: random.Random) -> None:
        self._gap_s = 60 / per_minute if per_minute else 0.0
        self._chance = chance
        self._next_at: datetime | None = None

    def allows(self, now: datetime) -> bool:
        """True when one may go out now."""
        return not self._gap_s or is_due(self._next_at, now, timedelta(seconds=self._gap_s * 1.2))

    def took(self, now: datetime) -> None:
        """One went out."""
        if self._gap_s:
            self._next_at = now + timedelta(seconds=self._gap_s * self._chance.uniform(0.8, 1.2))

    def wait_s(self, now: datetime) -> float:
        """Seconds until one may go out; 0 when it may now."""
        if self.allows(now) or self._next_at is None:
            return 0.0
        return (self._next_at - now).total_seconds()


class Lanes:
    """What one modem may take now: urgent work and drills by one limit, the rest by both."""

    def __init__(self, urgent_per_minute: int, normal_per_minute: int) -> None:
        chance = random.Random()  # noqa: S311  (jitter, not a secret)
        self._urgent = Pace(urgent_per_minute, chance)
        self._normal = Pace(normal_per_minute, chance)

    def lowest(self, now: datetime) -> int | None:
        """The last lane that may go out now; None for none."""
        if not self._urgent.allows(now):
            return None
        return LANE_NORMAL if self._normal.allows(now) else LANE_DRILL

    def took(self, lane: int, now: datetime) -> None:
        """A part of this lane goes out."""
        (self._normal if lane == LANE_NORMAL else self._urgent).took(now)

    def wait_s(self, now: datetime) -> float:
        """Seconds until a limit lets something out that it holds now; a long time when none does."""
        waits = [pace.wait_s(now) for pace in (self._urgent, self._normal)]
        return min((wait for wait in waits if wait > 0), default=60.0)
