"""Days and months as the operators count them: the local calendar."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Brussels")


def local_date(now: datetime) -> date:
    """The date in Belgium."""
    return now.astimezone(LOCAL).date()


def day_of(now: datetime) -> str:
    """`2026-11-24`; its first seven characters are the month."""
    return local_date(now).isoformat()


def clock(at: datetime) -> str:
    """24/11 à 14:32, in Belgium."""
    return f"{at.astimezone(LOCAL):%d/%m à %H:%M}"
