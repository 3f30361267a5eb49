"""Registration and signal of an open modem, looked at now and then and kept as history. Questions of people to a
network: the balance of a card. An alert has priority. Voice calls to people on duty: their telephone rings after the
SMS, when this modem has nothing to send.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from db.alerts.values import Sender
from db.engine.connection import UNAVAILABLE
from db.modems import signal_history
from db.modems.commands import ModemRequest, Outcome, keep_answer, ussd_code
from db.modems.status import queue
from db.operations.summons import is_awaited, keep_ring, return_ring, take_ring
from modem.daemon.policy.pacing import is_due
from modem.daemon.records.status import Status
from modem.driver.base.interface import ModemDriver
from modem.errors import CommandError, ModemError, ModemTimeout
from rules.numbers import may_dial

EVERY = timedelta(seconds=10)
EVERY_UNREGISTERED = timedelta(seconds=2)
IMS_EVERY = timedelta(minutes=10)
_log = logging.getLogger(__name__)
RING_S: Final = 20.0
LOOK_EVERY = timedelta(seconds=2)


class Watching:
    """Writes what it sees into `status`; the worker shows it."""

    def __init__(self, host: str, name: str, driver: ModemDriver, status: Status) -> None:
        self._host, self._name, self._driver, self._status = host, name, driver, status
        self.registered = False
        self._due_at: datetime | None = None
        self._ims_due_at: datetime | None = None

    def soon(self) -> None:
        self._due_at = None

    def forget(self) -> None:
        """There is no longer a modem that could be on a network."""
        self._status.operator = self._status.technology = self._status.signal_dbm = None
        self._status.unregistered = ""

    def is_due(self, now: datetime) -> bool:
        return is_due(self._due_at, now, EVERY)

    def look(self, now: datetime) -> bool:
        """Ask the modem; True when it is registered. Raises ModemError."""
        registration = self._driver.registration()
        status = self._status
        status.register(registration)
        status.signal_dbm = self._driver.signal_dbm()
        self.registered = registration.registered
        self._due_at = now + (EVERY if self.registered else EVERY_UNREGISTERED)
        names = ("operator", "technology", "signal_dbm")
        seen = {name: getattr(status, name) for name in names} | {"at": now, "registered": self.registered}
        with suppress(*UNAVAILABLE):  # a courtesy: while the database is away it has gaps
            signal_history.apply_sample(signal_history.ModemSample(host=self._host, modem=self._name, **seen))
        if self.registered and is_due(self._ims_due_at, now, IMS_EVERY):
            self._ims_due_at = now + IMS_EVERY
            state = self._driver.ims()  # for the day when 2G ends
            model, operator = status.model, status.operator
            if state and model and operator:
                with suppress(*UNAVAILABLE):
                    signal_history.apply_ims(model, operator, state, now)
        return self.registered


def ask_network(
    driver: ModemDriver, sender: Sender | None, request: ModemRequest, seat: tuple[str, str], now: datetime
) -> bool:
    """Do it and keep the answer, unless anything urgent waits. True when it was the modem's turn. Raises ModemError."""
    if sender is None:
        keep_answer(request, *seat, "not_ready", now)
        return False
    if queue().urgent:
        return False
    try:
        state, text = _balance(driver, sender.imsi)
    except ModemError:
        keep_answer(request, *seat, "silent", now, imsi=sender.imsi)
        raise
    _log.info("modem %s: %s %s", seat[1], request.verb, state)
    keep_answer(request, *seat, state, now, text, sender.imsi)
    return True


def _balance(driver: ModemDriver, imsi: str) -> tuple[Outcome, str]:
    try:
        return "done", driver.ussd(ussd_code(imsi))
    except CommandError:
        return "refused", ""
    except ModemTimeout:
        driver.probe()
        return "silent", ""


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
        if not may_dial(call.mobile):
            keep_ring(call, "refused", now)
            return
        try:
            outcome = self._driver.ring(call.mobile, RING_S, lambda: not queue().urgent and is_awaited(call))
        except CommandError as error:
            self._refuses = True
            _log.info("a modem makes no voice calls: %s", error)
            return_ring(call)
        except ModemError:
            keep_ring(call, "failed", now)
            raise
        else:
            keep_ring(call, outcome, now)
