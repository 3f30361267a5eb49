"""Registration and signal of an open modem, looked at now and then and kept as history."""

from collections.abc import Callable
from datetime import datetime, timedelta

from db.engine.connection import UNAVAILABLE
from db.modems import signal_history
from modem.daemon.policy.pacing import is_due
from modem.daemon.records.status import Status, operator_name
from modem.driver.interface.protocol import ModemDriver

EVERY = timedelta(seconds=10)
EVERY_UNREGISTERED = timedelta(seconds=2)
IMS_EVERY = timedelta(minutes=10)


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
        status.operator = operator_name(registration.operator)
        status.technology, status.unregistered = registration.technology, registration.unregistered
        status.signal_dbm = self._driver.signal_dbm()
        self.registered = registration.registered
        self._due_at = now + (EVERY if self.registered else EVERY_UNREGISTERED)
        self._note(lambda: signal_history.apply_sample(self._host, self._name, self._sample(now)))
        if self.registered and is_due(self._ims_due_at, now, IMS_EVERY):
            self._ims_due_at = now + IMS_EVERY
            ims = self._driver.ims()  # for the day when 2G ends
            model, operator = status.model, status.operator
            if ims.state and model and operator:
                self._note(lambda: signal_history.apply_ims(model, operator, ims.switch, ims.state, now))
        return self.registered

    def _sample(self, now: datetime) -> signal_history.Sample:
        status = self._status
        return signal_history.Sample(now, self.registered, status.operator, status.technology, status.signal_dbm)

    def _note(self, write: Callable[[], object]) -> None:
        """History is a courtesy: while the database is away it has gaps."""
        try:
            write()
        except UNAVAILABLE:
            return
