"""The bus as sysfs shows it, on devices that umockdev plays."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EC25 = ["1-2", "2c7c:0125", "/dev/bus/usb/001/007", "modem", ["/dev/ttyUSB2", "/dev/ttyUSB3"]]
HILINK = ["1-4", "12d1:14dc", "/dev/bus/usb/001/008", "hilink", []]


@pytest.mark.client
def test_sticks_come_and_go() -> None:
    if shutil.which("umockdev-wrapper") is None:
        if os.environ.get("CI"):
            pytest.fail("umockdev-wrapper not found: apt-get install umockdev")
        pytest.skip("sysfs is NOT tried: apt-get install umockdev")
    ended = subprocess.run(
        ["umockdev-wrapper", sys.executable, "-m", "tests.modem.discovery.scene"],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["empty"] == []
    assert told["one"] == [EC25]
    assert told["place"][0].endswith("/usb1/1-2")
    assert told["place"][1] == "2c7c:0125"
    assert told["two"] == [EC25, HILINK]
    assert told["left"] == [HILINK]


def test_it_lists_this_machine_whatever_that_is() -> None:
    from modem.discovery.bus import bus_verdicts

    assert [verdict for verdict in bus_verdicts() if len(verdict.device.usb_id) != 9] == []


@pytest.mark.parametrize("vanishing", ["devices", "1-2", "1-2:1.0"])
def test_a_folder_may_vanish_during_the_listing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vanishing: str
) -> None:
    from modem.discovery.bus import usb_devices

    device = tmp_path / "devices/usb1/1-2"
    (device / "1-2:1.0/ttyUSB0/tty/ttyUSB0").mkdir(parents=True)
    (device / "idVendor").write_text("2c7c")
    links = tmp_path / "bus/usb/devices"
    links.mkdir(parents=True)
    (links / "1-2").symlink_to(device)
    glob = Path.glob

    def vanished(folder: Path, pattern: str) -> Iterator[Path]:
        if folder.name == vanishing:
            shutil.rmtree(folder)
            raise FileNotFoundError(folder)  # as Python 3.11 does
        return glob(folder, pattern)

    monkeypatch.setattr(Path, "glob", vanished)
    assert len(usb_devices(tmp_path)) == (0 if vanishing == "devices" else 1)
