"""The power of a hub's port, by a uhubctl of ours that prints what the real one prints and notes what was done."""

from pathlib import Path

import pytest

from modem.driver.base import hub_power
from modem.driver.base.port import UsbPlace
from modem.errors import PortError

EC25 = "2c7c:0125"
# Made of what people posted of uhubctl 2.3 to 2.6 (mvp/uhubctl, issues 324, 541 and 613) and of its source.
USB2 = "Current status for hub 1-1.4 [2109:2822 VIA Labs, Inc. USB2.0 Hub, USB 2.10, 4 ports, ppps]\n"
USB3 = "Current status for hub 2-1.4 [2109:0822 VIA Labs, Inc. USB3.1 Hub, USB 3.20, 4 ports, ppps]\n"
MODEM = "  Port 3: 0503 power highspeed enable connect [2c7c:0125 Quectel EC25 0123456789]\n"
EMPTY = "  Port 3: 0100 power\n"
EMPTY_3 = "  Port 3: 02a0 power 5gbps Rx.Detect\n"
DISK_3 = "  Port 3: 0203 power 5gbps U0 enable connect [0bc2:ab44 Seagate Backup+]\n"
BARE = "  Port 3: 0503 power highspeed enable connect [2c7c:0125]\n"
NONE = ""

HUBCTL = """#!/bin/sh
echo "$*" >> "{folder}/calls"
case "$*" in
*--action=cycle*) printf 'Sent power off request\nSent power on request\n'; exit {status} ;;
*--action*) ;;
*) cat "{folder}/status"; [ -s "{folder}/status" ] ;;
esac
"""


class Hub:
    """Its folder has uhubctl, what that prints and what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.says(USB2 + MODEM)

    def says(self, status: str, answer: int = 0, delay: str = "") -> None:
        (self.folder / "status").write_text(status)
        program = self.folder / "uhubctl"
        text = HUBCTL.format(folder=self.folder, status=answer)
        program.write_text(text.replace("#!/bin/sh\n", f"#!/bin/sh\n{delay}\n"))
        program.chmod(0o755)

    def actions(self) -> list[str]:
        calls = self.folder / "calls"
        return [line for line in calls.read_text().splitlines() if "--action" in line] if calls.exists() else []


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr(hub_power, "PATH", f"{tmp_path}:/usr/bin:/bin")
    return Hub(tmp_path)


def place(name: str = "1-1.4.3") -> UsbPlace:
    return UsbPlace(Path("/sys/devices/usb1") / name, EC25)


@pytest.mark.parametrize(
    "status", [USB2 + MODEM, USB2 + BARE, USB2 + MODEM + USB3 + EMPTY_3, USB2 + EMPTY, USB2 + EMPTY + USB3 + EMPTY_3]
)
def test_a_port_with_the_modem_alone_is_switched(hub: Hub, status: str) -> None:
    hub.says(status)
    assert hub_power.power_cycle(place())
    assert hub.actions() == ["--nosysfs --nodesc --location=1-1.4 --ports=3 --action=cycle --delay=3"]


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(NONE, id="no hub that uhubctl may use"),
        pytest.param(USB2.replace("ppps", "ganged") + MODEM, id="all ports at once"),
        pytest.param(USB2.replace("2109:2822", "2109:3431") + MODEM, id="Raspberry Pi 4"),
        pytest.param(USB2.replace("2109:2822", "0424:2514") + MODEM, id="Raspberry Pi 3B+"),
        pytest.param(USB2 + MODEM.replace(EC25, "0781:5583"), id="another device"),
        pytest.param(USB2 + MODEM.replace("2c7c:0125 Quectel", "05e3:0610 Hub, USB 2.00, 4 ports, ppps"), id="a hub"),
        pytest.param(USB2 + MODEM + USB3 + DISK_3, id="a disk on the other half"),
        pytest.param(USB2 + EMPTY + USB3 + DISK_3, id="a disk, and the modem gone"),
        pytest.param(USB2 + "  Port 3: 0101 power connect []\n", id="something without a name"),
        pytest.param(USB2 + MODEM + MODEM.replace("3", "4", 1), id="two ports"),
        pytest.param(USB2 + MODEM + USB3 + EMPTY_3 + USB2 + EMPTY, id="three hubs"),
        pytest.param(USB2 + MODEM + "something new\n", id="words of a later version"),
    ],
)
def test_whatever_else_hangs_on_the_port_keeps_its_power(hub: Hub, status: str) -> None:
    hub.says(status)
    assert not hub_power.power_cycle(place())
    assert hub.actions() == []


@pytest.mark.parametrize("name", ["1-4", "usb1"])
def test_a_port_of_the_board_itself_is_not_even_asked_about(hub: Hub, name: str) -> None:
    assert not hub_power.power_cycle(place(name))
    assert not (hub.folder / "calls").exists()


def test_without_uhubctl_nothing_is_done(hub: Hub) -> None:
    (hub.folder / "uhubctl").unlink()
    assert not hub_power.power_cycle(place())


def test_a_hub_that_refuses_is_told(hub: Hub) -> None:
    hub.says(USB2 + MODEM, answer=1)
    with pytest.raises(PortError, match="did not switch the port"):
        hub_power.power_cycle(place())


def test_a_switch_that_hangs_ends_with_the_power_on(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_power, "PATIENCE_S", 0.5)
    hub.says(USB2 + MODEM, delay='case "$*" in *cycle*) echo "$*" >> "$(dirname "$0")/calls"; exec sleep 20 ;; esac')
    with pytest.raises(PortError, match="timed out"):
        hub_power.power_cycle(place())
    assert [line.rpartition("--action=")[2] for line in hub.actions()] == ["cycle --delay=3", "on"]
