"""A token bucket with jitter: operators cut off SIMs that send like clockwork."""

import random
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from rules.states import LANE_DRILL, LANE_NORMAL

HOUR = timedelta(hours=1)


def is_due(at: datetime | None, now: datetime, longest: timedelta) -> bool:
    """True when `at` has come, or is further away than the longest wait: then the clock was set back."""
    return at is None or now >= at or at - now > longest


class Pace:
    """At most `per_minute` on average, gaps varied by a fifth; 0 is no limit."""

    def __init__(self, per_minute: int, chance: random.Random) -> None:
        self._gap_s = 60 / per_minute if per_minute else 0.0
        self._chance = chance
        self._next_at: datetime | None = None

    def allows(self, now: datetime) -> bool:
        return not self._gap_s or is_due(self._next_at, now, timedelta(seconds=self._gap_s * 1.2))

    def took(self, now: datetime) -> None:
        if self._gap_s:
            self._next_at = now + timedelta(seconds=self._gap_s * self._chance.uniform(0.8, 1.2))

    def wait_s(self, now: datetime) -> float:
        if self.allows(now) or self._next_at is None:
            return 0.0
        return (self._next_at - now).total_seconds()


class HourGuard:
    """At most `limit` parts of a SIM in any hour, counted here: no wrong database makes it send without end."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: deque[datetime] = deque()

    def another_sim(self, taken: Iterable[datetime]) -> None:
        """From now on it counts for another card, which sent parts at these times, oldest first."""
        self._taken = deque(taken)

    def is_full(self, now: datetime) -> bool:
        if self._taken and self._taken[-1] > now:  # the clock was set back
            self._taken = deque(min(at, now) for at in self._taken)
        while self._taken and self._taken[0] <= now - HOUR:
            self._taken.popleft()
        return len(self._taken) >= self._limit

    def took(self, now: datetime) -> None:
        self._taken.append(now)

    def wait_s(self, now: datetime) -> float:
        """Seconds until one may go out; 0 when it may now."""
        return (self._taken[0] + HOUR - now).total_seconds() if self.is_full(now) else 0.0


class Lanes:
    """The open lanes of one modem: urgent work and drills by one limit, the rest by both, none over the guard's."""

    def __init__(self, urgent_per_minute: int, normal_per_minute: int, hour_limit: int) -> None:
        self.guard = HourGuard(hour_limit)
        chance = random.Random()  # noqa: S311  (jitter, not a secret)
        self._urgent = Pace(urgent_per_minute, chance)
        self._normal = Pace(normal_per_minute, chance)

    def lowest(self, now: datetime) -> int | None:
        """The last lane that may go out now; None for none."""
        if not self._urgent.allows(now) or self.guard.is_full(now):
            return None
        return LANE_NORMAL if self._normal.allows(now) else LANE_DRILL

    def took(self, lane: int, now: datetime) -> None:
        (self._normal if lane == LANE_NORMAL else self._urgent).took(now)
        self.guard.took(now)

    def wait_s(self, now: datetime) -> float:
        """Seconds until a limit lets something out that it holds now; a long time when none does."""
        waits = [limit.wait_s(now) for limit in (self._urgent, self._normal, self.guard)]
        return min((wait for wait in waits if wait > 0), default=60.0)
