"""The process's end: calls from the driver, answered one by one, and what comes from the phone in between."""

from multiprocessing.connection import Connection, wait
from typing import Any, Final

from modem.driver.gammu_process.at_phone import AtPhone
from modem.driver.gammu_process.messages import Answer, Call, Connect
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.port import Port, exit_at_hang_up
from modem.errors import ModemError, PortBusy, PortGone

# A phone that is no AT phone is looked after so often; an AT phone's port wakes us by itself.
LISTEN_EVERY_S: Final = 0.5


class Session:
    """Answers calls until the driver's end is closed. One phone in its life."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver
        self._phone: Phone | None = None

    def run(self) -> None:
        """Until the driver has gone: a phone that is being asked must not be asked on for nobody."""
        exit_at_hang_up(self._driver.fileno())
        connect: Connect = self._driver.recv()
        while True:
            ready = self._ready()
            if self._driver in ready:
                self._driver.send(self._answer(connect, self._driver.recv()))
            if self._phone is not None:
                if self._phone.port.fd is None or self._phone.port.fd in ready:
                    self._phone.listen()
                self._phone.attend()

    def _ready(self) -> list[Any]:
        """Waits for the driver or the port; those of them that may be read then."""
        if self._phone is None:
            return wait([self._driver])
        port = self._phone.port.fd
        return wait([self._driver], LISTEN_EVERY_S) if port is None else wait([self._driver, port])

    def _answer(self, connect: Connect, call: Call) -> Answer:
        try:
            if self._phone is None:
                self._phone = self._connected(connect)
            elif self._phone.port.hung_up:
                raise PortGone(f"{connect.device} is gone")
            return Answer(getattr(self._phone, call.method)(*call.arguments))
        except ModemError as error:
            return Answer(None, error)

    def _connected(self, connect: Connect) -> Phone:
        port = Port(connect.device)
        try:
            return (AtPhone if connect.speaks_at else Phone)(connect, port, self._driver.send)
        except PortBusy:
            raise port.busy() from None
