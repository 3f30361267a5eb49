"""The port, beside libgammu's own use of it: nobody else has it, and it is still plugged in."""

import os
import select
import stat
import threading

from modem.driver.port.holder import holder
from modem.driver.port.lockfile import lock_holder
from modem.driver.port.port import port_error
from modem.errors import PortBusy


class Port:
    """Opened when made; raises PortError. libgammu locks it (flock, TIOCEXCL) through its own descriptor.

    The process ends when it hangs up: libgammu would wait on for minutes. Something that is no tty (a folder, a
    Bluetooth address) is not looked at: `fd` is None then.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self.fd: int | None = None
        self._poll = select.poll()
        try:
            if os.path.isabs(device) and stat.S_ISCHR(os.stat(device).st_mode):
                self.fd = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise port_error(device, error.errno) from error
        if self.fd is not None:
            if lock_holder(device):
                raise self.busy()
            self._poll.register(self.fd, 0)
            exit_at_hang_up(self.fd)

    def busy(self) -> PortBusy:
        """The error that names who has the port."""
        return PortBusy(self._device, holder(self._device) or lock_holder(self._device))

    @property
    def hung_up(self) -> bool:
        """True as soon as it is gone."""
        return self.fd is not None and bool(self._poll.poll(0))


def exit_at_hang_up(fd: int) -> None:
    """End this process, also in the middle of a call of libgammu, when the other side of `fd` has gone."""
    poll = select.poll()
    poll.register(fd, 0)  # no event but the hang-up: bytes are left alone

    def wait() -> None:
        poll.poll()
        os._exit(0)

    threading.Thread(target=wait, name=f"hang-up {fd}", daemon=True).start()
