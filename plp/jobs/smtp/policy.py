"""When a mail, a domain or a server is tried again. Delays are random by ±20 %, to spread what failed together."""

import random
from datetime import datetime, timedelta

_MAIL_MIN = (1, 2, 5, 10, 20, 40, 60)
_DOMAIN_MIN = (1, 2, 4, 8, 15)
_SERVER_S = (15, 30, 60, 120, 240, 480, 900)


def mail_again_at(attempts: int, now: datetime) -> datetime:
    """When a mail is tried again after its attempt number `attempts` (from 1)."""
    return now + _drawn(timedelta(minutes=_of(_MAIL_MIN, attempts)))


def domain_again_at(failures: int, now: datetime) -> datetime:
    """When a domain of readers is written to again after so many temporary refusals in a row."""
    return now + _drawn(timedelta(minutes=_of(_DOMAIN_MIN, failures)))


def server_again_at(failures: int, now: datetime) -> datetime:
    """When the zone's own server is tried again after so many connections that came to nothing."""
    return now + _drawn(timedelta(seconds=_of(_SERVER_S, failures)))


def _of(steps: tuple[int, ...], count: int) -> int:
    return steps[min(max(count, 1), len(steps)) - 1]


def _drawn(delay: timedelta) -> timedelta:
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  (nobody gains by guessing it)
