"""A modem's past, as the driver is told of it before a port is opened (docs/adr/0200)."""

from datetime import datetime, timedelta

from db.alerts.queue.unanswered import past_of
from modem.driver.base.interface import Before, OlderSubmit
from modem.driver.dialogue.older import ACKNOWLEDGED_WITHIN_S

# What went out before that is answered no more.
ACKNOWLEDGED_WITHIN = timedelta(seconds=ACKNOWLEDGED_WITHIN_S)


def before(host: str, modem: str, restarted_at: datetime | None, now: datetime) -> Before | None:
    """None for a modem without a past. From before a restart of the modem nothing is answered."""
    since = now - ACKNOWLEDGED_WITHIN
    if restarted_at is not None:
        since = max(since, restarted_at)
    past = past_of(host, modem, since, now)
    if past is None:
        return None
    submits = tuple(OlderSubmit(number, (now - at).total_seconds()) for number, at in past.attempts)
    return Before(submits, past.imsi, past.reference, past.since, past.usual_s, not past.answers_late)
