"""`umockdev-wrapper python -m tests.modem.discovery.scene`: what UsbBus sees while sticks come and go, as JSON."""

import json

from modem.discovery.bus import UsbBus
from modem.discovery.verdicts import UsbDevice, judge
from modem.driver.base.port import usb_place
from tests.modem.discovery.testbed import Testbed

EC25 = [("00", "00", "ttyUSB0"), ("02", "00", "ttyUSB2"), ("03", "00", "ttyUSB3"), ("04", "ff", "")]


def seen(devices: tuple[UsbDevice, ...]) -> list[object]:
    return [
        [device.place, device.usb_id, device.node, verdict.kind, verdict.ports]
        for device in devices
        for verdict in [judge(device)]
    ]


def play() -> dict[str, object]:
    bed, bus = Testbed(), UsbBus()
    told: dict[str, object] = {"empty": seen(bus.devices()), "quiet": bus.changed()}
    bed.plug("1-2", "2c7c:0125", EC25, number=7)
    told["heard of a stick"] = bus.changed()
    told["quiet again"] = bus.changed()
    told["one"] = seen(bus.devices())
    place = usb_place("/dev/ttyUSB2")
    told["place"] = [str(place.folder), place.usb_id] if place else None
    bed.plug("1-4", "12d1:14dc", [("00", "00", "")], number=8)
    told["two"] = seen(bus.devices())
    bus.changed()
    bed.unplug("1-2")
    told["heard it go"] = bus.changed()
    told["left"] = seen(bus.devices())
    bed.plug("1-5", "0f3d:68ff", [("08", "ff", "cdc-wdm0")], number=9)
    told["qmi alone"] = seen(bus.devices())
    return told


if __name__ == "__main__":
    print(json.dumps(play()))
