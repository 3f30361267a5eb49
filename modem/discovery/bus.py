"""The devices on the USB bus now, through libudev: that needs no udevd, only sysfs."""

import logging
from collections import defaultdict
from typing import Final

import pyudev

from modem.discovery.verdicts import UsbDevice, UsbInterface, Verdict, judge

_log = logging.getLogger(__name__)
# The drivers option, sierra, qcserial; cdc-acm; hso. A machine has some seventy ttys that are none of these.
_TTY_NAMES: Final = ("ttyUSB*", "ttyACM*", "ttyHS*")


def bus_verdicts() -> list[Verdict] | None:
    """The verdicts on all devices; None where libudev is missing."""
    try:
        return [judge(device) for device in usb_devices(pyudev.Context())]
    except (ImportError, OSError) as error:
        _log.debug("USB devices cannot be listed: %s", error)
        return None


def usb_devices(context: pyudev.Context) -> list[UsbDevice]:
    """The devices, including hubs, by place, without those that vanish during the listing."""
    interfaces: dict[str, list[UsbInterface]] = defaultdict(list)
    ttys = _ttys(context)
    for raw in context.list_devices(subsystem="usb", DEVTYPE="usb_interface"):
        number = _text(raw, "bInterfaceNumber")
        if number:
            interfaces[raw.sys_path.rpartition("/")[0]].append(
                UsbInterface(
                    number=number,
                    interface_class=_text(raw, "bInterfaceClass"),
                    subclass=_text(raw, "bInterfaceSubClass"),
                    protocol=_text(raw, "bInterfaceProtocol"),
                    ttys=tuple(sorted(ttys[raw.sys_path])),
                )
            )
    devices = [
        UsbDevice(
            sys_path=raw.sys_path,
            usb_id=f"{_text(raw, 'idVendor')}:{_text(raw, 'idProduct')}",
            node=raw.device_node or "",
            interfaces=tuple(sorted(interfaces[raw.sys_path], key=lambda interface: interface.number)),
        )
        for raw in context.list_devices(subsystem="usb", DEVTYPE="usb_device")
    ]
    return sorted(devices, key=lambda device: device.sys_path)


def _ttys(context: pyudev.Context) -> dict[str, list[str]]:
    """The interface's sys_path → its ttys."""
    nodes: dict[str, list[str]] = defaultdict(list)
    ttys = context.list_devices(subsystem="tty")
    for name in _TTY_NAMES:
        ttys.match_sys_name(name)  # any of them
    for raw in ttys:
        interface = raw.find_parent("usb", "usb_interface")
        if interface is not None and raw.device_node:
            nodes[interface.sys_path].append(raw.device_node)
    return nodes


def _text(raw: pyudev.Device, attribute: str) -> str:
    """A sysfs attribute; "" if the device has none, or was removed."""
    try:
        value: bytes = raw.attributes.get(attribute)
    except (KeyError, OSError):
        return ""
    return "" if value is None else value.decode("utf-8", "replace").strip()
