"""What has its hour: plan B and retention at night, the mail of the morning; and the sheets, which follow the members.

Each on its own, whatever fails.
"""

import threading
from datetime import datetime

from db.clock import utc_now
from db.settings import Settings
from jobs.daily import tell_daily
from jobs.duties import Duty, do_each
from jobs.plan_b.nightly import export_nightly
from jobs.plan_b.sheets import keep_sheets
from jobs.retention import forget_nightly

LOOK_EVERY_S = 20.0

# Each does what is due and says whether it did anything.
DUTIES: tuple[tuple[str, Duty], ...] = (
    ("plan B", export_nightly),
    ("phone tree", keep_sheets),
    ("retention", forget_nightly),
    ("daily", tell_daily),
)


def look(settings: Settings, now: datetime) -> None:
    """Do what has its hour, once."""
    do_each(DUTIES, settings, now)


def keep_hours(settings: Settings, stop: threading.Event) -> None:
    """Look every 20 seconds until `stop` is set."""
    while not stop.is_set():
        look(settings, utc_now())
        stop.wait(LOOK_EVERY_S)
