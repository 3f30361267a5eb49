"""Members who want no SMS at this time of day, or until a day, except an alert about danger to life
(docs/adr/0099-quiet-hours.md).
"""

from datetime import datetime
from typing import Any

from peewee import fn

from db.engine.connection import writing
from db.models.people import Member
from rules.calendar import LOCAL, day_of


def is_quiet(now: datetime) -> Any:
    """Condition on members: in their quiet hours, by the clock in Belgium, or before the end of their pause."""
    time, hours = f"{now.astimezone(LOCAL):%H:%M}", Member.quiet_hours
    begins, ends = fn.SUBSTR(hours, 1, 5), fn.SUBSTR(hours, 7, 5)
    in_a_day = (begins < ends) & (begins <= time) & (ends > time)
    over_midnight = (begins > ends) & ((begins <= time) | (ends > time))
    return (Member.quiet_until >= day_of(now)) | in_a_day | over_midnight


def forget_past_pauses(now: datetime) -> int:
    """Empty the pauses that are over; returns how many."""
    over = (Member.quiet_until != "") & (Member.quiet_until < day_of(now))
    with writing():
        return int(Member.update(quiet_until="").where(over).execute())
