"""How long everything takes and waits. Each delay is drawn, so that what failed together is not tried together."""

import random
from datetime import datetime, timedelta

# RFC 5321 § 4.5.3.2 allows minutes for each step; a relay that takes so long is as good as away.
CONNECT_S = 15.0
# All of it until the server takes mail, whatever one does that says one byte at a time.
OPENING_S = 60.0
STEP_S = 60.0
# A goodbye, and the question whether the server is still there.
ASIDE_S = 5.0
# Only the answer to the end of a text may take its time: who gives up earlier sends it twice (RFC 5321 § 4.5.3.2.6).
FINAL_S = 240.0
# All of one mail, whatever a server does that answers one byte a minute. The lease of a claim is longer.
ATTEMPT_S = 420.0
# What this machine keeps of a text that the server has not: the less, the sooner a server that hung up is noticed.
UNSEEN_BYTES = 65_536
# A connection is kept this long for the next mail, and for at most so many.
KEEP_S = 10.0
MAILS_PER_CONNECTION = 50

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
