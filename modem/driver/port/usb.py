"""The USB device behind a tty, as sysfs shows it, and its reset: the recovery ladder's last step but one."""

import errno
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modem.errors import PortError, PortGone

# _IO('U', 20) of linux/usbdevice_fs.h: as if it were unplugged and plugged in again, without a hand.
USBDEVFS_RESET: Final = 0x5514
SYSFS: Final = Path("/sys")
DEV: Final = Path("/dev")


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


def reset(place: UsbPlace, dev: Path = DEV) -> None:
    """Reset the device at that place. Its ttys vanish and come back, perhaps under other names.

    Raises PortGone (nothing or something else is plugged in at it), PortError (no permission, or the bus refuses).
    """
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
