"""The devices on the USB bus now, and notice of a change, through libudev.

Listing needs no udevd, only sysfs. Notice of a change comes from udevd, so never in a container: listeners also check
again at intervals.
"""

import logging
from collections import defaultdict
from typing import Final

import pyudev

from modem.discovery.verdicts import UsbDevice, UsbInterface, Verdict, judge

_log = logging.getLogger(__name__)
_SUBSYSTEMS: Final = ("tty", "usb")
# The drivers option, sierra, qcserial; cdc-acm; hso. A machine has some seventy ttys that are none of these.
_TTY_NAMES: Final = ("ttyUSB*", "ttyACM*", "ttyHS*")


class UsbBus:
    """The bus of this machine. Used by one thread."""

    def __init__(self) -> None:
        self._context = pyudev.Context()
        self._monitor = _monitor(self._context)

    def devices(self) -> tuple[UsbDevice, ...]:
        """The devices, including hubs, by place, without those that vanish during the listing."""
        interfaces: dict[str, list[UsbInterface]] = defaultdict(list)
        ttys, controls = self._ttys(), self._controls()
        for raw in self._context.list_devices(subsystem="usb", DEVTYPE="usb_interface"):
            number = _text(raw, "bInterfaceNumber")
            if number:
                interfaces[raw.sys_path.rpartition("/")[0]].append(
                    UsbInterface(
                        number=number,
                        interface_class=_text(raw, "bInterfaceClass"),
                        subclass=_text(raw, "bInterfaceSubClass"),
                        protocol=_text(raw, "bInterfaceProtocol"),
                        ttys=tuple(sorted(ttys[raw.sys_path])),
                        control=raw.sys_path in controls,
                    )
                )
        return tuple(
            sorted(
                (
                    _device(raw, interfaces[raw.sys_path])
                    for raw in self._context.list_devices(subsystem="usb", DEVTYPE="usb_device")
                ),
                key=lambda device: device.sys_path,
            )
        )

    def changed(self) -> bool:
        """True when something came or went since the last call; never waits."""
        is_changed = False
        while self._monitor is not None and self._monitor.poll(0) is not None:
            is_changed = True
        return is_changed

    def _controls(self) -> set[str]:
        """The sys_paths of interfaces with a channel for QMI or MBIM (the drivers qmi_wwan, cdc_mbim)."""
        channels = self._context.list_devices(subsystem="usbmisc").match_sys_name("cdc-wdm*")
        parents = (raw.find_parent("usb", "usb_interface") for raw in channels)
        return {interface.sys_path for interface in parents if interface is not None}

    def _ttys(self) -> dict[str, list[str]]:
        """The interface's sys_path → its ttys."""
        nodes: dict[str, list[str]] = defaultdict(list)
        ttys = self._context.list_devices(subsystem="tty")
        for name in _TTY_NAMES:
            ttys.match_sys_name(name)  # any of them
        for raw in ttys:
            interface = raw.find_parent("usb", "usb_interface")
            if interface is not None and raw.device_node:
                nodes[interface.sys_path].append(raw.device_node)
        return nodes


def usb_bus() -> UsbBus | None:
    """None where libudev is missing."""
    try:
        return UsbBus()
    except (ImportError, OSError) as error:
        _log.info("USB devices cannot be listed: %s", error)
        return None


def bus_verdicts() -> list[Verdict] | None:
    """The verdicts on all devices; None where libudev is missing."""
    bus = usb_bus()
    return None if bus is None else [judge(device) for device in bus.devices()]


def _device(raw: pyudev.Device, interfaces: list[UsbInterface]) -> UsbDevice:
    return UsbDevice(
        sys_path=raw.sys_path,
        usb_id=f"{_text(raw, 'idVendor')}:{_text(raw, 'idProduct')}",
        node=raw.device_node or "",
        interfaces=tuple(sorted(interfaces, key=lambda interface: interface.number)),
    )


def _text(raw: pyudev.Device, attribute: str) -> str:
    """A sysfs attribute; "" if the device has none, or was removed."""
    try:
        value: bytes = raw.attributes.get(attribute)
    except (KeyError, OSError):
        return ""
    return "" if value is None else value.decode("utf-8", "replace").strip()


def _monitor(context: pyudev.Context) -> pyudev.Monitor | None:
    try:
        monitor = pyudev.Monitor.from_netlink(context)
        for subsystem in _SUBSYSTEMS:
            monitor.filter_by(subsystem)
        monitor.start()
    except OSError as error:
        _log.warning("udev cannot be listened to (%s); the bus is looked at now and then", error)
        return None
    return monitor
