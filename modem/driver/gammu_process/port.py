"""The port, beside libgammu's own use of it: nobody else has it, and it is still plugged in."""

import os
import select
import stat
import threading

from modem.driver.port.holder import holder, lock_holder
from modem.driver.port.port import port_error
from modem.errors import PortBusy, PortError


def opened(device: str) -> int:
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
        raise busy(device)
    exit_at_hang_up(fd)
    return fd


def busy(device: str) -> PortBusy:
    """The error that names who has the port."""
    return PortBusy(device, holder(device) or lock_holder(device))


def has_hung_up(fd: int, timeout_ms: int | None = 0) -> bool:
    """True as soon as the other side of `fd` has gone; None waits for that. Bytes are left alone."""
    poll = select.poll()
    poll.register(fd, 0)
    return bool(poll.poll(timeout_ms))


def exit_at_hang_up(fd: int) -> None:
    """End this process when the other side of `fd` has gone, also in the middle of a call, which libgammu would wait
    out.
    """
    watch = threading.Thread(target=lambda: has_hung_up(fd, None) and os._exit(0), name=f"hang-up {fd}", daemon=True)
    watch.start()
