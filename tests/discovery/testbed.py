"""A USB bus that exists only for libudev: umockdev's testbed, in a process that runs under `umockdev-wrapper`."""

import ctypes
from collections.abc import Sequence

BUS = "/devices/pci0000:00/0000:00:14.0/usb1"
Interface = tuple[str, str, str]
"""bInterfaceNumber, bInterfaceProtocol, tty or ""."""


class Testbed:
    """Devices come by `plug` and go by `unplug`; libudev hears of each, as if udevd ran.

    The testbed holds ten events for a listener that does not listen, then it fails.
    """

    __test__ = False

    def __init__(self) -> None:
        self._lib = ctypes.CDLL("libumockdev.so.0")
        self._lib.umockdev_testbed_new.restype = ctypes.c_void_p
        self._bed = ctypes.c_void_p(self._lib.umockdev_testbed_new())

    def plug(self, place: str, usb_id: str, interfaces: Sequence[Interface], number: int, serial: str = "") -> None:
        """A device, its interfaces and their ttys; libudev hears of each."""
        vendor, product = usb_id.split(":")
        device = f"{BUS}/{place}"
        text = (
            f"P: {device}\nN: bus/usb/001/{number:03}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
            f"E: DEVNAME=/dev/bus/usb/001/{number:03}\nA: idVendor={vendor}\nA: idProduct={product}\n"
            f"A: busnum=1\nA: devnum={number}\n" + (f"A: serial={serial}\n" if serial else "") + "\n"
        )
        for interface, protocol, tty in interfaces:
            folder = f"{device}/{place}:1.{int(interface, 16)}"
            text += (
                f"P: {folder}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nA: bInterfaceNumber={interface}\n"
                f"A: bInterfaceClass=ff\nA: bInterfaceSubClass=ff\nA: bInterfaceProtocol={protocol}\n\n"
            )
            if tty:
                text += f"P: {folder}/{tty}\nE: SUBSYSTEM=usb-serial\n\n"
                text += (
                    f"P: {folder}/{tty}/tty/{tty}\nN: {tty}\nE: SUBSYSTEM=tty\nE: DEVNAME=/dev/{tty}\nA: dev=188:0\n\n"
                )
        if not self._lib.umockdev_testbed_add_from_string(self._bed, text.encode(), None):
            raise ValueError(text)

    def unplug(self, place: str) -> None:
        """The device and all below it."""
        self._lib.umockdev_testbed_remove_device(self._bed, f"/sys{BUS}/{place}".encode())
