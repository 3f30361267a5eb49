"""The port, beside libgammu's own use of it: nobody else has it, and it is still plugged in."""

import errno
import os
import select
import stat
import threading
from collections.abc import Callable

from modem.driver.gammu_process.messages import Refused
from modem.driver.gammu_process.refusals import Refusal
from modem.driver.port.holder import holder
from modem.driver.port.lockfile import lock_holder


class Port:
    """Opened when made; raises Refusal. libgammu locks it (flock, TIOCEXCL) through its own descriptor.

    Something that is no tty (a folder, a Bluetooth address) is not looked at: `fd` is None then.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self.fd = self._opened()

    def _opened(self) -> int | None:
        if not os.path.isabs(self._device):
            return None
        try:
            if not stat.S_ISCHR(os.stat(self._device).st_mode):
                return None
            fd = os.open(self._device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise self._refusal(error) from None
        if lock_holder(self._device):
            os.close(fd)
            raise self.busy()
        return fd

    def _refusal(self, error: OSError) -> Refusal:
        if error.errno in (errno.EBUSY, errno.EAGAIN):
            return self.busy()
        gone = error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTDIR)
        return Refusal(Refused("gone" if gone else "port", self._device))

    def busy(self) -> Refusal:
        """The refusal that names who has the port."""
        return Refusal(Refused("busy", self._device, holder=holder(self._device) or lock_holder(self._device)))

    @property
    def hung_up(self) -> bool:
        """True as soon as it is gone."""
        if self.fd is None:
            return False
        poll = select.poll()
        poll.register(self.fd, 0)
        return bool(poll.poll(0))

    def watch(self, on_hang_up: Callable[[], None]) -> None:
        """Call back, from a thread of its own, when the port is gone: libgammu would wait on for minutes."""
        if self.fd is not None:
            watch_hang_up(self.fd, on_hang_up)


def watch_hang_up(fd: int, on_hang_up: Callable[[], None]) -> None:
    """Call back, from a thread of its own, when the other side of `fd` has gone; bytes are left alone."""
    poll = select.poll()
    poll.register(fd, 0)

    def wait() -> None:
        poll.poll()
        on_hang_up()

    threading.Thread(target=wait, name=f"hang-up {fd}", daemon=True).start()
