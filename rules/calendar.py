"""Days and months as the operators count them: the local calendar; and the hours at which cards prove themselves."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Brussels")
# Hours at which the night ends and begins.
MORNING, NIGHTFALL = 7, 22
# Many cards of one operator that write at the same second look like machines that send in bulk.
SPREAD = timedelta(minutes=30)


def local_date(now: datetime) -> date:
    """The date in Belgium."""
    return now.astimezone(LOCAL).date()


def day_of(now: datetime) -> str:
    """`2026-11-24`; its first seven characters are the month."""
    return local_date(now).isoformat()


def clock(at: datetime) -> str:
    """24/11 à 14:32, in Belgium."""
    return f"{at.astimezone(LOCAL):%d/%m à %H:%M}"


def day(at: datetime) -> str:
    """24/11/2026, in Belgium."""
    return f"{at.astimezone(LOCAL):%d/%m/%Y}"


def is_night(at: datetime) -> bool:
    """True when phones that ring at this moment wake people in Belgium."""
    return not MORNING <= at.astimezone(LOCAL).hour < NIGHTFALL


def last_hour(hours: Sequence[time], imsi: str, now: datetime) -> datetime | None:
    """The newest moment until `now` at which this card had to prove itself, aware UTC; None without hours. Every hour,
    in Belgium, gives one moment within `SPREAD` after it, every day another.
    """
    today = local_date(now)
    moments = [_moment(day, at, imsi) for day in (today, today - timedelta(days=1)) for at in hours]
    return max((moment for moment in moments if moment <= now), default=None)


def month_later(at: datetime) -> datetime:
    """The same weekday and time of the next month, in Belgium: its first, its second …, the last for a fifth."""
    local = at.astimezone(LOCAL)
    first = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
    days = [first + timedelta(days=n) for n in range(31)]
    same = [day for day in days if day.month == first.month and day.weekday() == local.weekday()]
    return same[min((local.day - 1) // 7, len(same) - 1)].astimezone(UTC)


def _moment(day: date, at: time, imsi: str) -> datetime:
    digest = hashlib.sha256(f"{imsi} {day} {at}".encode()).digest()
    later_s = int.from_bytes(digest[:4], "big") % int(SPREAD.total_seconds())
    # In UTC from here on: an hour that summer time leaves out or repeats is one moment all the same.
    return datetime.combine(day, at, LOCAL).astimezone(UTC) + timedelta(seconds=later_s)
