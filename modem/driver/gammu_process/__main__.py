"""`python -m modem.driver.gammu_process DEVICE`, the process's end: calls from the driver, whose socket is standard
input, answered one by one, and what comes from the phone in between.
"""

import os
import select
import stat
import sys
import threading
from multiprocessing.connection import Connection, wait
from operator import attrgetter

from modem.driver.gammu_process.child import Answer, Call
from modem.driver.gammu_process.phone import Phone
from modem.driver.port.holder import holder, lock_holder
from modem.driver.port.port import port_error
from modem.errors import ModemError, PortBusy, PortError, PortGone


class Session:
    """Answers calls until the driver's end is closed. One phone in its life."""

    def __init__(self, driver: Connection, device: str) -> None:
        self._driver, self._device = driver, device
        self._fd = -1
        self._phone: Phone | None = None

    def run(self) -> None:
        """Until the driver has gone: a call that is under way must not go on for nobody."""
        _exit_at_hang_up(self._driver.fileno())
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
                self._fd = _opened(self._device)
                self._phone = self._met()
            elif _has_hung_up(self._fd):
                raise PortGone(f"{self._device} is gone")
            return Answer(attrgetter(call.method)(self._phone)(*call.arguments))
        except ModemError as error:
            return Answer(None, error)

    def _met(self) -> Phone:
        try:
            return Phone(self._device, self._fd, self._driver.send)
        except PortBusy:
            raise _busy(self._device) from None


def _opened(device: str) -> int:
    """The port's descriptor; this process ends when it hangs up. libgammu locks it (flock, TIOCEXCL) through its own.
    Raises PortError.
    """
    try:
        if not stat.S_ISCHR(os.stat(device).st_mode):
            raise PortError(f"{device} is not a usable tty")
        fd = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise port_error(device, error.errno) from error
    if lock_holder(device):
        raise _busy(device)
    _exit_at_hang_up(fd)
    return fd


def _busy(device: str) -> PortBusy:
    """The error that names who has the port."""
    return PortBusy(device, holder(device) or lock_holder(device))


def _has_hung_up(fd: int, timeout_ms: int | None = 0) -> bool:
    """True as soon as the other side of `fd` has gone; None waits for that. Bytes are left alone."""
    poll = select.poll()
    poll.register(fd, 0)
    return bool(poll.poll(timeout_ms))


def _exit_at_hang_up(fd: int) -> None:
    """End this process when the other side of `fd` has gone, also in the middle of a call, which libgammu would wait
    out.
    """
    watch = threading.Thread(target=lambda: _has_hung_up(fd, None) and os._exit(0), name=f"hang-up {fd}", daemon=True)
    watch.start()


if __name__ == "__main__":
    Session(Connection(os.dup(0)), sys.argv[1]).run()
