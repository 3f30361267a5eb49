"""Doubt of the clock: a box without a battery starts at an old time until a time server sets it."""

from datetime import datetime, timedelta

from db.engine.cached_queries import Prepared, utc_of
from db.engine.connection import writing
from db.journal import audit
from db.models.incidents import LatestTime

# Each is a write that an SD card takes.
_NOTED_EVERY = timedelta(minutes=10)
# Servers correct a clock by seconds; what is less than this harms nothing.
LEAST = timedelta(minutes=1)


def note_time(now: datetime) -> bool:
    """Keep the latest time that was seen, to within ten minutes. Never true: there is no more to do."""
    latest = latest_time()
    if latest is None:
        LatestTime.insert(id=1, at=now).on_conflict_ignore().execute()
    elif now - latest >= _NOTED_EVERY:
        LatestTime.update(at=now).where(LatestTime.at < now).execute()
    return False


def latest_time() -> datetime | None:
    """The latest time that the jobs saw; None in a new database."""
    row = _LATEST.first()
    return utc_of(row[0]) if row is not None else None


_LATEST = Prepared(lambda: LatestTime.select(LatestTime.at).limit(1))


def behind(now: datetime) -> timedelta | None:
    """By how much, at least, the clock is behind the time that was seen already; None where it may be right."""
    latest = latest_time()
    return latest - now if latest is not None and latest - now >= LEAST else None


def set_back(now: datetime) -> None:
    """The clock was set back while the box ran: what was seen before was too late. Inside a transaction or not."""
    LatestTime.update(at=now).where(LatestTime.at > now).execute()


def believe(by: str, now: datetime) -> None:
    """A person says that the clock is right, and what was seen before was not."""
    off = behind(now)
    if off is None:
        return
    with writing():
        set_back(now)
        audit.record_from(now, by, "clock_believed", seconds=round(off.total_seconds()))
