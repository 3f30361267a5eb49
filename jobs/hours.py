"""What has its hour: plan B and retention at night, the mail of the morning. Each on its own, whatever fails."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from db.clock import utc_now
from db.connection import UNAVAILABLE
from db.refusals import Refusal
from db.settings import Settings
from jobs.daily import tell_daily
from jobs.plan_b.nightly import export_nightly
from jobs.retention import forget_nightly

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 20.0

# Each does what is due and says whether it did anything.
DUTIES: tuple[tuple[str, Callable[[Settings, datetime], bool]], ...] = (
    ("plan B", export_nightly),
    ("retention", forget_nightly),
    ("daily", tell_daily),
)


def look(settings: Settings, now: datetime) -> None:
    """Do what has its hour, once."""
    for name, do in DUTIES:
        try:
            do(settings, now)
        except Refusal as refusal:
            _log.warning("%s: %s", name, refusal.template)
        except UNAVAILABLE:
            raise
        except Exception:  # noqa: BLE001
            _log.exception("%s failed", name)


def keep_hours(settings: Settings, stop: threading.Event) -> None:
    """Look every 20 seconds until `stop` is set."""
    while not stop.is_set():
        look(settings, utc_now())
        stop.wait(LOOK_EVERY_S)
