"""The USB device behind a tty, in a sysfs of our own, and its reset."""

import errno
import fcntl
from pathlib import Path

import pytest

from modem.driver.base import port
from modem.errors import PortError, PortGone


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """A stick at 1-2 with ttyUSB2, a UART with ttyS0, as the kernel lays them out."""
    root = tmp_path / "sys"
    stick = root / "devices/pci0/usb1/1-2"
    tty = stick / "1-2:1.2/ttyUSB2/tty/ttyUSB2"
    uart = root / "devices/platform/serial8250/tty/ttyS0"
    for folder in (tty, uart, root / "class/tty"):
        folder.mkdir(parents=True)
    for name, text in {"idVendor": "2c7c", "idProduct": "0125", "busnum": "1", "devnum": "7"}.items():
        (stick / name).write_text(text + "\n")
    (root / "class/tty/ttyUSB2").symlink_to(tty)
    (root / "class/tty/ttyS0").symlink_to(uart)
    return root


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    node = tmp_path / "dev/bus/usb/001/007"
    node.parent.mkdir(parents=True)
    node.touch()
    return tmp_path / "dev"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The requests that reach the kernel."""
    requests: list[int] = []
    monkeypatch.setattr(fcntl, "ioctl", lambda _, request, argument: requests.append(request))
    return requests


def test_a_tty_leads_to_its_stick(sysfs: Path, tmp_path: Path) -> None:
    link = tmp_path / "by-id"
    link.symlink_to("/dev/ttyUSB2")
    for tty in ("/dev/ttyUSB2", str(link)):
        place = port.usb_place(tty, sysfs)
        assert place is not None
        assert (place.folder.name, place.usb_id) == ("1-2", "2c7c:0125")


@pytest.mark.parametrize("tty", ["/dev/ttyS0", "/dev/pts/4", "/dev/ttyUSB9", "/dev/null"])
def test_whatever_is_on_no_usb_has_none(sysfs: Path, tty: str) -> None:
    assert port.usb_place(tty, sysfs) is None


def test_the_reset_goes_to_the_devices_node(sysfs: Path, dev: Path, asked: list[int]) -> None:
    place = port.usb_place("/dev/ttyUSB2", sysfs)
    assert place is not None
    port.reset_usb(place, dev)
    assert asked == [0x5514]


def test_it_finds_the_node_again_when_the_stick_was_replugged(sysfs: Path, dev: Path, asked: list[int]) -> None:
    place = port.usb_place("/dev/ttyUSB2", sysfs)
    assert place is not None
    (place.folder / "devnum").write_text("8\n")
    with pytest.raises(PortGone, match="008"):
        port.reset_usb(place, dev)
    (dev / "bus/usb/001/008").touch()
    port.reset_usb(place, dev)
    assert asked == [0x5514]


def test_another_stick_at_that_place_is_left_alone(sysfs: Path, dev: Path, asked: list[int]) -> None:
    place = port.usb_place("/dev/ttyUSB2", sysfs)
    assert place is not None
    (place.folder / "idProduct").write_text("0121\n")
    with pytest.raises(PortGone):
        port.reset_usb(place, dev)
    (place.folder / "idVendor").unlink()
    with pytest.raises(PortGone):
        port.reset_usb(place, dev)
    assert asked == []


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [(errno.EACCES, PortError, "group plp"), (errno.ENODEV, PortGone, "missing"), (errno.EIO, PortError, "refused")],
)
def test_a_refusal_is_told_in_words(
    sysfs: Path, dev: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: type[PortError], words: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, "no")

    place = port.usb_place("/dev/ttyUSB2", sysfs)
    assert place is not None
    monkeypatch.setattr(fcntl, "ioctl", refuse)
    with pytest.raises(error, match=words) as refused:
        port.reset_usb(place, dev)
    assert isinstance(refused.value, PortGone) is (error is PortGone)
