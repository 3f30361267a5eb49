"""A token bucket with jitter: operators cut off SIMs that send like clockwork."""

import random
from datetime import datetime, timedelta


class Pace:
    """At most `per_minute` on average, each gap varied by a fifth; 0 is no limit."""

    def __init__(self, per_minute: int, chance: random.Random) -> None:
        self._gap_s = 60 / per_minute if per_minute else 0.0
        self._chance = chance
        self._next_at: datetime | None = None

    def allows(self, now: datetime) -> bool:
        """True when one may go out now."""
        return not self._gap_s or self._next_at is None or now >= self._next_at

    def took(self, now: datetime) -> None:
        """One went out."""
        if self._gap_s:
            self._next_at = now + timedelta(seconds=self._gap_s * self._chance.uniform(0.8, 1.2))

    def wait_s(self, now: datetime) -> float:
        """Seconds until one may go out; 0 when it may now."""
        if self.allows(now) or self._next_at is None:
            return 0.0
        return (self._next_at - now).total_seconds()
