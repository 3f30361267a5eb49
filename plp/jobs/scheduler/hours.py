"""Duties with an hour: proof of life, plan B and retention at night, the morning's mail; sheets, as members change."""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime

from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE
from db.operations.machine.clock import behind
from db.operations.machine.disk import measure_disk
from db.settings.values import Settings
from plp.jobs.backup import back_up_nightly, keep_forgotten, keep_minute, try_asked, try_monthly
from plp.jobs.journal import export_head
from plp.jobs.list_care.numbers import watch_numbers
from plp.jobs.list_care.renewal import ask_renewal
from plp.jobs.morning_mail import tell_daily
from plp.jobs.plan_b.nightly import export_nightly
from plp.jobs.plan_b.sheets import keep_sheets
from plp.jobs.proof import send_proofs
from plp.jobs.retention import forget_nightly
from plp.rules.refusals import Refusal
from plp.watchdog.threads import alive

_log = logging.getLogger(__name__)

# Does what is due; True when it did something, and there may be more.
Duty = Callable[[Settings, datetime], bool]


def by_date(do: Duty) -> Duty:
    """A duty that waits while the clock is behind: at a wrong date it would do what is not due, and again later."""
    return lambda settings, now: behind(now) is None and do(settings, now)


def do_each(duties: Iterable[tuple[str, Duty]], settings: Settings, now: datetime) -> bool:
    """True when one of them may have more at once. Raises the database's errors: without it none has anything to do."""
    busy = False
    for name, do in duties:
        alive()
        try:
            busy |= do(settings, now)
        except Refusal as refusal:
            _log.warning("%s: %s", name, refusal.template)
        except UNAVAILABLE:
            raise
        except Exception:  # noqa: BLE001
            _log.exception("%s failed", name)
    return busy


LOOK_EVERY_S = 20.0

# Each does what is due and says whether it did anything.
DUTIES: tuple[tuple[str, Duty], ...] = (
    ("proof of life", by_date(send_proofs)),
    ("plan B", by_date(export_nightly)),
    ("phone tree", keep_sheets),
    ("retention", by_date(forget_nightly)),
    ("disk", by_date(measure_disk)),
    ("journal", by_date(export_head)),
    ("daily", by_date(tell_daily)),
    ("dead numbers", by_date(watch_numbers)),
    ("renewal", by_date(ask_renewal)),
)
# In a thread of their own: another machine, or a slow stick, may keep them for minutes.
BACKUPS: tuple[tuple[str, Duty], ...] = (
    ("forgotten", keep_forgotten),
    ("backup", by_date(back_up_nightly)),
    ("minute copies", keep_minute),
    ("backup drill", by_date(try_monthly)),
    ("backup trial", try_asked),
)


def look(settings: Settings, now: datetime, duties: tuple[tuple[str, Duty], ...] = ()) -> None:
    """Do the duties that are due, once; those of DUTIES where none are given."""
    do_each(duties or DUTIES, settings, now)


def keep_hours(settings: Settings, stop: threading.Event) -> None:
    """Look every 20 seconds until `stop` is set."""
    while not stop.is_set():
        look(settings, utc_now())
        alive(LOOK_EVERY_S)
        stop.wait(LOOK_EVERY_S)


def keep_backups(settings: Settings, stop: threading.Event) -> None:
    """The same for the backups."""
    while not stop.is_set():
        look(settings, utc_now(), BACKUPS)
        alive(LOOK_EVERY_S)
        stop.wait(LOOK_EVERY_S)
