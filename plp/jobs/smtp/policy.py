"""Times of the next attempt for a mail, a domain, a server. Random by ±20 %, to spread mails that failed together."""

import random
from datetime import datetime, timedelta

_MAIL_MIN = (1, 2, 5, 10, 20, 40, 60)
_DOMAIN_MIN = (1, 2, 4, 8, 15)
_SERVER_S = (15, 30, 60, 120, 240, 480, 900)


def mail_again_at(attempts: int, now: datetime) -> datetime:
    """Time of a mail's next attempt after its attempt number `attempts` (from 1)."""
    return now + _drawn(timedelta(minutes=_of(_MAIL_MIN, attempts)))


def domain_again_at(failures: int, now: datetime) -> datetime:
    """Time of the next attempt at a domain of readers after so many temporary refusals in a row."""
    return now + _drawn(timedelta(minutes=_of(_DOMAIN_MIN, failures)))


def server_again_at(failures: int, now: datetime) -> datetime:
    """Time of the next attempt at the zone's own server after so many failed connections in a row."""
    return now + _drawn(timedelta(seconds=_of(_SERVER_S, failures)))


def _of(steps: tuple[int, ...], count: int) -> int:
    return steps[min(max(count, 1), len(steps)) - 1]


def _drawn(delay: timedelta) -> timedelta:
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  (nobody gains by guessing it)
