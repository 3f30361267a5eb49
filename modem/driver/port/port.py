"""One tty, held alone: 115200 8N1, raw, no hardware flow control. pyserial opens and configures it; reading waits on
the descriptor itself, so that a byte, a hang-up or `wake` ends the wait at once.
"""

import errno
import fcntl
import os
import select
import termios
from contextlib import suppress
from typing import Final

import serial

from modem.driver.port.holder import holder
from modem.errors import ModemError, ModemTimeout, PortBusy, PortError, PortForbidden, PortGone

BAUD: Final = 115200
WRITE_TIMEOUT_S: Final = 5.0
_READ_SIZE: Final = 4096
_HANG_UP: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL
_BUSY: Final = frozenset({errno.EBUSY, errno.EAGAIN})
_ABSENT: Final = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTDIR})


class Port:
    """Opened when made. Raises PortGone, PortBusy (with the holder's name), PortForbidden, PortError (no tty), or
    ModemTimeout (present, and not to be opened: the device behind it has crashed).
    """

    def __init__(self, device: str) -> None:
        self.device = device
        self._serial = _opened(device)
        self._fd: int = self._serial.fd
        self._woken, self._waker = os.pipe()
        self._readable = select.poll()
        self._readable.register(self._fd, select.POLLIN)
        self._readable.register(self._woken, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(self._fd, select.POLLOUT)
        self._writable.register(self._woken, select.POLLIN)

    def read(self) -> bytes | None:
        """Wait for bytes; None after `wake`. Raises PortGone as soon as the tty hangs up."""
        while True:
            ready = dict(self._readable.poll())
            if self._woken in ready:
                return None
            try:
                data = os.read(self._fd, _READ_SIZE)
            except BlockingIOError:
                continue
            except OSError as error:
                raise PortGone(f"{self.device} vanished") from error
            if data:
                return data
            if ready.get(self._fd, 0) & _HANG_UP:
                raise PortGone(f"{self.device} hung up")

    def write(self, data: bytes) -> None:
        """Raises PortGone (also after `wake`), or ModemTimeout when the tty takes nothing for WRITE_TIMEOUT_S."""
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError as error:
                ready = dict(self._writable.poll(WRITE_TIMEOUT_S * 1000))
                if self._woken in ready:
                    raise PortGone(f"{self.device} is being closed") from error
                if not ready:
                    raise ModemTimeout("writing to the port") from error
            except OSError as error:
                raise PortGone(f"{self.device} vanished") from error

    def wake(self) -> None:
        """End a `read` or a `write` that waits, and every later one that would."""
        os.write(self._waker, b"\0")

    def close(self) -> None:
        """Release the tty; no thread may still be reading."""
        with suppress(OSError, termios.error):  # when it is gone, the flag is too
            fcntl.ioctl(self._fd, termios.TIOCNXCL)  # a pty keeps it while its other holder lives
            termios.tcflush(self._fd, termios.TCOFLUSH)  # closing waits 30 s for what a hung modem does not take
        self._serial.close()
        os.close(self._woken)
        os.close(self._waker)


def _opened(device: str) -> serial.Serial:
    try:
        port = serial.Serial(device, BAUD, exclusive=True)
    except (serial.SerialException, OSError, termios.error) as error:  # pyserial lets some of the last pass
        raise port_error(device, _code(error)) from error
    try:
        fcntl.ioctl(port.fd, termios.TIOCEXCL)
    except OSError as error:
        port.close()
        raise port_error(device, error.errno) from error
    return port


def _code(error: BaseException) -> int | None:
    """The errno; pyserial leaves the one of a failed configuration in the error before."""
    if isinstance(error, termios.error):
        return int(error.args[0])
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    return _code(error.__context__) if error.__context__ else None


def port_error(device: str, code: int | None) -> ModemError:
    """The error to raise where opening `device` failed with this errno."""
    if code in _BUSY:
        return PortBusy(device, holder(device))
    if code == errno.EIO and os.path.exists(device):
        return ModemTimeout("opening the port")
    if code in _ABSENT:
        return PortGone(f"{device} is missing")
    if code in (errno.EACCES, errno.EPERM):
        return PortForbidden(f"{device}: no permission to use it")
    return PortError(f"{device} is not a usable tty")
