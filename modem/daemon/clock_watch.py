"""Was the clock set? Told by comparing it with one that nobody sets."""

from datetime import datetime, timedelta

# Time servers move a clock by fractions of a second; this much is a person, or a box that learned the time.
LEAST = timedelta(seconds=10)


class ClockWatch:
    """`steady_s` are seconds that also go on in a machine that sleeps (CLOCK_BOOTTIME): a night asleep is no jump."""

    def __init__(self, now: datetime, steady_s: float) -> None:
        self._now, self._steady_s = now, steady_s
        self._jump = timedelta()

    def jump(self, now: datetime, steady_s: float) -> timedelta | None:
        """By how much the clock was set since the last `told`; None when it was not, or hardly."""
        off = (now - self._now) - timedelta(seconds=steady_s - self._steady_s)
        self._now, self._steady_s = now, steady_s
        if abs(off) >= LEAST:
            self._jump += off
        return self._jump if abs(self._jump) >= LEAST else None

    def told(self) -> None:
        """The jump was written down."""
        self._jump = timedelta()
