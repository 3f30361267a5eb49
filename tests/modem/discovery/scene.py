"""`umockdev-wrapper python -m tests.modem.discovery.scene`: what is on the bus while sticks come and go, as JSON."""

import json

from modem.discovery.bus import usb_devices
from modem.discovery.verdicts import judge
from modem.driver.base.port import usb_place
from tests.modem.discovery.testbed import Testbed

EC25 = [("00", "00", "ttyUSB0"), ("02", "00", "ttyUSB2"), ("03", "00", "ttyUSB3"), ("04", "ff", "")]


def seen() -> list[object]:
    return [
        [device.place, device.usb_id, device.node, verdict.kind, verdict.ports]
        for device in usb_devices()
        for verdict in [judge(device)]
    ]


def play() -> dict[str, object]:
    bed = Testbed()
    told: dict[str, object] = {"empty": seen()}
    bed.plug("1-2", "2c7c:0125", EC25, number=7)
    told["one"] = seen()
    place = usb_place("/dev/ttyUSB2")
    told["place"] = [str(place.folder), place.usb_id] if place else None
    bed.plug("1-4", "12d1:14dc", [("00", "00", "")], number=8)
    told["two"] = seen()
    bed.unplug("1-2")
    told["left"] = seen()
    return told


if __name__ == "__main__":
    print(json.dumps(play()))
