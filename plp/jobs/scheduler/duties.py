"""Duties one after the other: one that fails keeps no other from its work."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from db.engine.connection import UNAVAILABLE
from db.settings.values import Settings
from plp.rules.refusals import Refusal
from plp.watchdog.threads import alive

_log = logging.getLogger(__name__)

# Does what is due; True when it did something, and there may be more.
Duty = Callable[[Settings, datetime], bool]


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
