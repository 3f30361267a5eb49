"""Voice calls to people on duty: their telephone rings after the SMS, when this modem has nothing to send."""

import logging
from datetime import datetime, timedelta
from typing import Final

from db.modems.status import queue
from db.operations.summons import is_awaited, keep_ring, return_ring, take_ring
from modem.daemon.policy.pacing import is_due
from modem.driver.interface.protocol import ModemDriver
from modem.errors import CommandError, ModemError
from rules.numbers import may_dial

_log = logging.getLogger(__name__)

RING_S: Final = 20.0
LOOK_EVERY = timedelta(seconds=2)


class Ringing:
    """One modem's calls. A modem that refuses to call is not tried again until its port is reopened."""

    def __init__(self, driver: ModemDriver) -> None:
        self._driver = driver
        self._refuses = False
        self._look_at: datetime | None = None

    def port_opened(self) -> None:
        """It may be another modem."""
        self._refuses = False

    def look(self, now: datetime) -> None:
        """Let the telephone ring that waits for it, if any; an alert ends it. Raises ModemError."""
        if self._refuses or "voice" not in self._driver.capabilities or not is_due(self._look_at, now, LOOK_EVERY):
            return
        self._look_at = now + LOOK_EVERY
        call = take_ring(now)
        if call is None:
            return
        if not may_dial(call.msisdn):
            keep_ring(call, "refused", now)
            return
        try:
            outcome = self._driver.ring(call.msisdn, RING_S, lambda: not queue().urgent and is_awaited(call))
        except CommandError as error:
            self._refuses = True
            _log.info("a modem makes no voice calls: %s", error)
            return_ring(call)
        except ModemError:
            keep_ring(call, "failed", now)
            raise
        else:
            keep_ring(call, outcome, now)
