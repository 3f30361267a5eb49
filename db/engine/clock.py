"""The present in aware UTC; with PostgreSQL the server's, since several hosts compare leases and deadlines."""

import time
from datetime import UTC, datetime, timedelta

# The server's time at some moment, and what the steady clock showed then.
_followed: tuple[datetime, float] | None = None


def utc_now() -> datetime:
    """The present moment, aware UTC."""
    if _followed is None:
        return datetime.now(UTC)
    shown_at, since_s = _followed
    return shown_at + timedelta(seconds=steady_s() - since_s)


def follow(shown_at: datetime) -> None:
    """From now on the time is that of another clock, which shows `shown_at` (aware) at this moment."""
    global _followed
    _followed = shown_at.astimezone(UTC), steady_s()


def steady_s() -> float:
    """Seconds that also pass while the machine sleeps, whatever the clock says; only differences have a meaning."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
