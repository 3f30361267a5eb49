"""USB devices as they are seen plugged in, for tests."""

from modem.discovery.verdicts import UsbDevice, UsbInterface


def interface(
    number: str, protocol: str = "ff", *ttys: str, usb_class: str = "ff", subclass: str = "ff"
) -> UsbInterface:
    return UsbInterface(number, usb_class, subclass, protocol, ttys)


def stick(usb_id: str, *interfaces: UsbInterface, place: str = "1-1", number: int = 7) -> UsbDevice:
    return UsbDevice(f"/sys/devices/pci0/usb1/{place}", usb_id, f"/dev/bus/usb/001/{number:03}", interfaces)


def ec25(place: str = "1-1", first: int = 0, number: int = 7) -> UsbDevice:
    """Diagnosis, GPS, AT, AT for PPP, and the network card."""
    ttys = [interface(f"0{n}", "00", f"/dev/ttyUSB{first + n}") for n in range(4)]
    return stick("2c7c:0125", *ttys, interface("04", "ff"), place=place, number=number)
