"""`python -m modem.driver.gammu_process DEVICE`, the process's end: calls from the driver, whose socket is standard
input, answered one by one, and what comes from the phone in between.
"""

import os
import sys
from multiprocessing.connection import Connection, wait
from operator import attrgetter

from modem.driver.gammu_process.child import Answer, Call
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.port import busy, exit_at_hang_up, has_hung_up, opened
from modem.errors import ModemError, PortBusy, PortGone


class Session:
    """Answers calls until the driver's end is closed. One phone in its life."""

    def __init__(self, driver: Connection, device: str) -> None:
        self._driver, self._device = driver, device
        self._fd = -1
        self._phone: Phone | None = None

    def run(self) -> None:
        """Until the driver has gone: a phone that is being asked must not be asked on for nobody."""
        exit_at_hang_up(self._driver.fileno())
        while True:
            ready = wait([self._driver] if self._phone is None else [self._driver, self._fd])
            if self._driver in ready:
                self._driver.send(self._answer(self._driver.recv()))
            if self._phone is not None:
                if self._fd in ready:
                    self._phone.listen()
                self._phone.attend()

    def _answer(self, call: Call) -> Answer:
        try:
            if self._phone is None:
                self._fd = opened(self._device)
                self._phone = self._met()
            elif has_hung_up(self._fd):
                raise PortGone(f"{self._device} is gone")
            return Answer(attrgetter(call.method)(self._phone)(*call.arguments))
        except ModemError as error:
            return Answer(None, error)

    def _met(self) -> Phone:
        try:
            return Phone(self._device, self._fd, self._driver.send)
        except PortBusy:
            raise busy(self._device) from None


if __name__ == "__main__":
    Session(Connection(os.dup(0)), sys.argv[1]).run()
