"""A USB bus in a sysfs of umockdev's, seen by processes that run under `umockdev-wrapper`."""

import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path

BUS = "/devices/pci0000:00/0000:00:14.0/usb1"
Interface = tuple[str, str, str]
"""bInterfaceNumber, bInterfaceProtocol, tty or cdc-wdm or ""."""


class Testbed:
    """Devices come by `plug` and go by `unplug`."""

    __test__ = False

    def __init__(self) -> None:
        self._lib = ctypes.CDLL("libumockdev.so.0")
        self._lib.umockdev_testbed_new.restype = ctypes.c_void_p
        self._lib.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
        self._bed = ctypes.c_void_p(self._lib.umockdev_testbed_new())
        # UMOCKDEV_DIR for other processes that shall see this bus.
        self.root = Path(self._lib.umockdev_testbed_get_root_dir(self._bed).decode())

    def plug(self, place: str, usb_id: str, interfaces: Sequence[Interface], number: int) -> None:
        """A device, its interfaces and their ttys."""
        vendor, product = usb_id.split(":")
        device = f"{BUS}/{place}"
        text = (
            f"P: {device}\nN: bus/usb/001/{number:03}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
            f"E: DEVNAME=/dev/bus/usb/001/{number:03}\nA: idVendor={vendor}\nA: idProduct={product}\n"
            f"A: busnum=1\nA: devnum={number}\n\n"
        )
        for interface, protocol, tty in interfaces:
            folder = f"{device}/{place}:1.{int(interface, 16)}"
            text += (
                f"P: {folder}\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\nA: bInterfaceNumber={interface}\n"
                f"A: bInterfaceClass=ff\nA: bInterfaceSubClass=ff\nA: bInterfaceProtocol={protocol}\n\n"
            )
            if tty.startswith("cdc-wdm"):
                text += f"P: {folder}/usbmisc/{tty}\nN: {tty}\nE: SUBSYSTEM=usbmisc\nE: DEVNAME=/dev/{tty}\n\n"
            elif tty:
                text += f"P: {folder}/{tty}\nE: SUBSYSTEM=usb-serial\n\n"
                text += (
                    f"P: {folder}/{tty}/tty/{tty}\nN: {tty}\nE: SUBSYSTEM=tty\nE: DEVNAME=/dev/{tty}\nA: dev=188:0\n\n"
                )
        if not self._lib.umockdev_testbed_add_from_string(self._bed, text.encode(), None):
            raise ValueError(text)

    def unplug(self, place: str) -> None:
        """The device and all below it."""
        self._lib.umockdev_testbed_remove_device(self._bed, f"/sys{BUS}/{place}".encode())

    def wire(self, tty: str, target: Path) -> None:
        """Let `/dev/tty…` lead to another tty, a simulator's."""
        node = self.root / "dev" / tty
        fresh = node.with_name(f".{tty}")
        fresh.symlink_to(target)
        fresh.replace(node)


def main() -> None:
    """`umockdev-wrapper python -m tests.modem.discovery.testbed`: a bus for other processes, told on stdin what to do.

    Prints its UMOCKDEV_DIR, then a line per command: `plug PLACE USB_ID NUMBER TTY TARGET` · `unplug PLACE`.
    """
    bed = Testbed()
    print(bed.root, flush=True)
    for line in sys.stdin:
        match line.split():
            case ["plug", place, usb_id, number, tty, target]:
                bed.plug(place, usb_id, [("02", "00", tty)], int(number))
                bed.wire(tty, Path(target))
            case ["unplug", place]:
                bed.unplug(place)
            case _:
                raise ValueError(line)
        print("done", flush=True)


if __name__ == "__main__":
    main()
