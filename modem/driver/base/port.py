"""One tty, held alone: 115200 8N1, raw, no hardware flow control. pyserial opens and configures it; reading waits on
the descriptor itself, so that a byte, a hang-up or `wake` ends the wait at once. The USB device behind a tty, as sysfs
shows it, and its reset: the recovery ladder's last step but one. The program that has a tty open, in words for a
person: by its open files, or by a lock file beside the tty (FHS 3.0, /var/lock), by which minicom, gammu and smsd show
one another that a port is in use.
"""

import errno
import fcntl
import os
import select
import termios
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import serial

from modem.errors import ModemError, ModemTimeout, PortBusy, PortError, PortForbidden, PortGone

# The modems' own service, by the name of its unit.
OWN: Final = "plp-modem"
LOCK_FOLDER: Final = Path("/var/lock")
# A pty's other end may be a simulator that holds it open rightly.
_PTY: Final = "/dev/pts/"
BAUD: Final = 115200
WRITE_TIMEOUT_S: Final = 5.0
_READ_SIZE: Final = 4096
_HANG_UP: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL
_BUSY: Final = frozenset({errno.EBUSY, errno.EAGAIN})
_ABSENT: Final = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTDIR})
# _IO('U', 20) of linux/usbdevice_fs.h: as if it were unplugged and plugged in again, without a hand.
USBDEVFS_RESET: Final = 0x5514
SYSFS: Final = Path("/sys")
DEV: Final = Path("/dev")


def lock_holder(device: str, folder: Path = LOCK_FOLDER) -> str | None:
    """`minicom (pid 812)`, when a running program has a lock file for the tty, whoever it runs as; None else."""
    try:
        words = (folder / f"LCK..{os.path.basename(os.path.realpath(device))}").read_text("ascii", "replace").split()
    except OSError:
        return None
    pid = words[0] if words else ""
    if not pid.isdecimal() or int(pid) == os.getpid():
        return None
    return _program(int(pid))  # None: it ended and left its file behind


def in_use_by(tty: str) -> str | None:
    """The program that has the tty, also one that only left a lock file; None when none is visible."""
    return lock_holder(tty) or (None if os.path.realpath(tty).startswith(_PTY) else holder(tty))


def holder(device: str) -> str | None:
    """`ModemManager (pid 812)`, or several; None when none is visible (another user's processes are hidden)."""
    try:
        tty = os.stat(device)
    except OSError:  # it was unplugged
        return None
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    holding = [pid for pid in sorted(pids) if pid != os.getpid() and _has_open(pid, tty)]
    names = [_program(pid) or f"a program that just ended (pid {pid})" for pid in holding]
    return ", ".join(names) or None


def _has_open(pid: int, tty: os.stat_result) -> bool:
    """True when the process has this very device open; a container's own pty may have the same name."""
    try:
        files = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it ended, or belongs to somebody else
        return False
    for file in files:
        with suppress(OSError):  # closed meanwhile
            if os.path.samestat(tty, file.stat()):
                return True
    return False


def own_service() -> str | None:
    """`plp-modem (pid 812)`, where another process of this machine is the modems' service, whoever it runs as."""
    pids = sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return next((f"{OWN} (pid {pid})" for pid in pids if pid != os.getpid() and _is_own(pid)), None)


def _is_own(pid: int) -> bool:
    """True for a process that runs `plp modem` and nothing after it, as a script or as a module."""
    with suppress(OSError):  # it ended
        words = Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").rstrip("\0").split("\0")
        return words[-1] == "modem" and any(os.path.basename(word) == "plp" for word in words)
    return False


def _program(pid: int) -> str | None:
    if _is_own(pid):
        return f"{OWN} (pid {pid})"
    try:
        return f"{Path(f'/proc/{pid}/comm').read_text('utf-8', 'replace').strip()} (pid {pid})"
    except OSError:  # it ended
        return None


class Port:
    """Opened when made; it `keeps` what the modem said while nobody had it open. Raises PortGone, PortBusy (with the
    holder's name), PortForbidden, PortError (no tty), or ModemTimeout (present, and not to be opened: the device behind
    it has crashed).
    """

    def __init__(self, device: str, keeps: bool = False) -> None:
        self.device = device
        self._serial = _opened(device, _Kept if keeps else serial.Serial)
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


class _Kept(serial.Serial):  # type: ignore[misc]  # pyserial has no types
    """pyserial empties a port that it opens."""

    def _reset_input_buffer(self) -> None:
        pass


def _opened(device: str, kind: type[serial.Serial]) -> serial.Serial:
    try:
        port = kind(device, BAUD, exclusive=True)
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


@dataclass(frozen=True, slots=True)
class UsbPlace:
    """The place of a USB device: its folder in sysfs, and its `vendor:product`."""

    folder: Path
    usb_id: str


def usb_place(tty: str, sysfs: Path = SYSFS) -> UsbPlace | None:
    """The USB device of a tty, which may be a link to it; None for a pty, a UART, or a removed one."""
    name = os.path.basename(os.path.realpath(tty))
    try:
        folder = (sysfs / "class" / "tty" / name).resolve(strict=True)
        while not (folder / "idVendor").exists():
            if folder in (sysfs.resolve(), folder.parent):
                return None
            folder = folder.parent
        return UsbPlace(folder, f"{_read(folder / 'idVendor')}:{_read(folder / 'idProduct')}")
    except OSError:
        return None


def reset_usb(place: UsbPlace, dev: Path = DEV) -> None:
    """Reset it; its ttys may come back under other names. Raises PortGone (another device, or none), PortError."""
    try:
        if f"{_read(place.folder / 'idVendor')}:{_read(place.folder / 'idProduct')}" != place.usb_id:
            raise PortGone(f"{place.folder.name}: another device is plugged in")
        bus, number = (int(_read(place.folder / name)) for name in ("busnum", "devnum"))
    except OSError as error:
        raise PortGone(f"{place.folder.name}: nothing is plugged in") from error
    node = dev / "bus" / "usb" / f"{bus:03}" / f"{number:03}"
    try:
        descriptor = os.open(node, os.O_WRONLY)
        try:
            fcntl.ioctl(descriptor, USBDEVFS_RESET, 0)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _refused(node, error) from error


def _refused(node: Path, error: OSError) -> PortError:
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return PortGone(f"{node} is missing")
    if error.errno in (errno.EACCES, errno.EPERM):
        return PortError(f"{node}: no permission to reset it; install udev/70-plp-alerte.rules and join the group plp")
    return PortError(f"{node}: the reset was refused ({error.strerror})")


def _read(file: Path) -> str:
    return file.read_text(encoding="ascii", errors="replace").strip()
