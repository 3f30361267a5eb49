"""The devices on the USB bus now, as sysfs shows them."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from modem.discovery.verdicts import UsbDevice, UsbInterface, Verdict, judge

SYSFS: Final = Path("/sys")


def bus_verdicts() -> list[Verdict]:
    """The verdicts on all devices."""
    return [judge(device) for device in usb_devices()]


def usb_devices(sysfs: Path = SYSFS) -> list[UsbDevice]:
    """The devices, including hubs, by place. Of one that vanishes during the listing little is known."""
    links = _matches(sysfs / "bus/usb/devices", "*")
    folders = [link.resolve() for link in links if ":" not in link.name]  # `1-1:1.0` is an interface of `1-1`
    return [_device(folder) for folder in sorted(folders)]


def _device(folder: Path) -> UsbDevice:
    interfaces = map(_interface, _matches(folder, f"{folder.name}:*"))
    return UsbDevice(
        sys_path=str(folder),
        usb_id=f"{_text(folder / 'idVendor')}:{_text(folder / 'idProduct')}",
        node=f"/dev/bus/usb/{_text(folder / 'busnum'):0>3}/{_text(folder / 'devnum'):0>3}",
        interfaces=tuple(sorted((part for part in interfaces if part.number), key=lambda part: part.number)),
    )


def _interface(folder: Path) -> UsbInterface:
    """Its ttys are in it (the drivers cdc-acm and hso), or in a folder of their own name (option, sierra, qcserial)."""
    nodes = {node.name for pattern in ("tty/tty*", "tty*/tty/tty*") for node in _matches(folder, pattern)}
    return UsbInterface(
        number=_text(folder / "bInterfaceNumber"),
        interface_class=_text(folder / "bInterfaceClass"),
        subclass=_text(folder / "bInterfaceSubClass"),
        protocol=_text(folder / "bInterfaceProtocol"),
        ttys=tuple(f"/dev/{name}" for name in sorted(nodes)),
    )


def _matches(folder: Path, pattern: str) -> list[Path]:
    """Those that were there; older Pythons than 3.13 raise when a folder vanishes meanwhile."""
    paths: list[Path] = []
    with suppress(OSError):
        paths.extend(folder.glob(pattern))
    return paths


def _text(attribute: Path) -> str:
    """Empty if the device was removed."""
    try:
        return attribute.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
