"""USB devices as values, as udev and sysfs tell of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UsbInterface:
    """One interface of a device. Numbers are two lower-case hexadecimal digits, `ttys` paths (`/dev/ttyUSB2`).

    `control` is True where the kernel has a channel for QMI or MBIM (`/dev/cdc-wdm0`).
    """

    number: str
    interface_class: str
    subclass: str
    protocol: str
    ttys: tuple[str, ...] = ()
    control: bool = False


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """One device on the bus.

    sys_path  its place: `/sys/devices/…/usb1/1-1.2`; the same for any device that comes to that place
    usb_id    `vendor:product`, lower case
    node      `/dev/bus/usb/BBB/DDD`, another one each time it is plugged in
    serial    "" where it has none; sticks of one make may share theirs
    """

    sys_path: str
    usb_id: str
    node: str
    serial: str
    interfaces: tuple[UsbInterface, ...]

    @property
    def place(self) -> str:
        """The place as the kernel names it: `1-1.2`."""
        return self.sys_path.rpartition("/")[2]

    @property
    def ttys(self) -> tuple[str, ...]:
        """All its ttys."""
        return tuple(tty for interface in self.interfaces for tty in interface.ttys)
