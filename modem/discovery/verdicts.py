"""USB devices as sysfs shows them, and the verdict on every one by the table of models: a modem with its AT ports, or
in words why not. Pure.

The ports of a device in no row are never touched; neither are those behind a UART bridge, whose id reveals nothing
about the device behind it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from modem.driver.models.models import ModelRow, rows
from rules.sentences import NOTHING, Sentence, coded

# modem       its AT ports are known and present
# portless    a modem whose AT ports are missing: no driver, or it still boots
# unswitched  a stick that still pretends to be a CD-ROM
# hilink      a network card with a web server
# managed     QMI or MBIM without a usable AT port: ModemManager's
# download    Qualcomm's emergency download: the firmware does not start
# bridge      a UART bridge: only a person knows what is behind it
# unknown     everything else
Kind = Literal["modem", "portless", "unswitched", "hilink", "managed", "download", "bridge", "unknown"]
_VENDOR_SPECIFIC: Final = "ff"
# Class and subclass of a Mobile Broadband Interface Model function (USB-IF).
_MBIM: Final = ("02", "0e")


@dataclass(frozen=True, slots=True)
class UsbInterface:
    """One interface of a device. Numbers are two lower-case hexadecimal digits, `ttys` paths (`/dev/ttyUSB2`)."""

    number: str
    interface_class: str
    subclass: str
    protocol: str
    ttys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """One device on the bus.

    sys_path  its place: `/sys/devices/…/usb1/1-1.2`; the same for any device that comes to that place
    usb_id    `vendor:product`, lower case
    node      `/dev/bus/usb/BBB/DDD`, another one whenever it is plugged in
    """

    sys_path: str
    usb_id: str
    node: str
    interfaces: tuple[UsbInterface, ...]

    @property
    def place(self) -> str:
        """The place as the kernel names it: `1-1.2`."""
        return self.sys_path.rpartition("/")[2]

    @property
    def ttys(self) -> tuple[str, ...]:
        return tuple(tty for interface in self.interfaces for tty in interface.ttys)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ports` should speak AT, the better first; `reason`: why it cannot be used; `names`: for people, else ""."""

    device: UsbDevice
    kind: Kind
    names: str = ""
    ports: tuple[str, ...] = ()
    reason: Sentence = NOTHING


def judge(device: UsbDevice, table: Sequence[ModelRow] | None = None) -> Verdict:
    """The verdict on this device, by `table` (the packaged one)."""
    table = rows() if table is None else table
    own = [row for row in table if device.usb_id in row.usb_ids]
    modems = [row for row in own if row.kind == "at"]
    if modems:
        names = " / ".join(row.names for row in modems)
        ports = at_ports(device, modems)
        if ports:
            return Verdict(device, "modem", names, ports)
        return Verdict(device, "portless", names, reason=coded("usb_portless", names=names))
    if own:
        return _unusable(device, own[0])
    before = [row for row in table if device.usb_id in row.usb_ids_before_switch]
    if before:
        code = "usb_unswitched" if any(row.kind == "at" for row in before) else "usb_unswitched_hilink"
        names = before[0].names
        return Verdict(device, "unswitched", names, reason=coded(code, names=names, usb_id=device.usb_id))
    if any((port.interface_class, port.subclass) == _MBIM for port in device.interfaces):
        return Verdict(device, "managed", device.usb_id, reason=coded("usb_managed", names=device.usb_id))
    return Verdict(device, "unknown")


def at_ports(device: UsbDevice, table: Sequence[ModelRow]) -> tuple[str, ...]:
    """The ttys that `table` calls AT ports, every row's first ones before any second one."""
    first = [tty for row in table for tty in _ttys(device, row, row.at)]
    second = [tty for row in table for tty in _ttys(device, row, row.second_at)]
    ports = tuple(dict.fromkeys([*first, *second]))
    if ports or not any(row.match_by == "protocol" for row in table):
        return ports
    # Early Huawei firmware gives all ports protocol ff: the last tty is then the control port, the first the modem.
    silent = [port for port in device.interfaces if (port.interface_class, port.protocol) == (_VENDOR_SPECIFIC,) * 2]
    return tuple(tty for interface in reversed(silent) for tty in interface.ttys)


def _unusable(device: UsbDevice, row: ModelRow) -> Verdict:
    match row.kind:
        case "hilink":
            return Verdict(device, "hilink", row.names, reason=coded("usb_hilink", names=row.names))
        case "managed":
            return Verdict(device, "managed", row.names, reason=coded("usb_managed", names=row.names))
        case "edl":
            return Verdict(device, "download", row.names, reason=coded("usb_download", usb_id=device.usb_id))
        case _:
            return Verdict(device, "bridge", row.names)


def _ttys(device: UsbDevice, row: ModelRow, ports: Sequence[str]) -> Iterator[str]:
    for port in ports:
        for interface in device.interfaces:
            if row.match_by == "interface":
                is_meant = interface.number == port
            else:  # protocols mean something only in the vendor's own class
                is_meant = (interface.interface_class, interface.protocol) == (_VENDOR_SPECIFIC, port)
            if is_meant:
                yield from interface.ttys
