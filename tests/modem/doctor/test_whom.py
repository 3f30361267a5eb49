"""Which modems the doctor looks at."""

from dataclasses import replace

import pytest

from base.settings.values import ModemSettings, Settings
from modem.discovery.verdicts import UsbDevice, UsbInterface, judge
from modem.doctor.targets import candidates
from rules.refusals import Refusal


def ec25(place: str, first_tty: int):
    interfaces = tuple(
        UsbInterface(f"0{number}", "ff", "00", "00", (f"/dev/ttyUSB{first_tty + number}",)) for number in range(4)
    )
    return judge(UsbDevice(f"/sys/devices/usb1/{place}", "2c7c:0125", "", interfaces))


ONE, TWO = ec25("1-1", 0), ec25("1-2", 4)


def settings(tmp_path, *modems: ModemSettings) -> Settings:
    return Settings(path=tmp_path / "config.ini", folder=tmp_path, modems=modems)


def found(tmp_path, *modems, verdicts=(ONE, TWO), asked=None):
    return [(one.name, one.path) for one in candidates(settings(tmp_path, *modems), verdicts, asked)]


def test_with_no_section_every_known_modem(tmp_path):
    assert found(tmp_path) == [("usb-1-1", "/dev/ttyUSB2"), ("usb-1-2", "/dev/ttyUSB6")]
    assert found(tmp_path, verdicts=()) == []


def test_sections_by_path_pattern_and_auto(tmp_path):
    (tmp_path / "m1").touch()
    named = ModemSettings("a", "/dev/ttyUSB9")
    pattern = ModemSettings("b", str(tmp_path / "m*"))
    auto = ModemSettings("c", "auto")
    assert found(tmp_path, named, pattern, auto) == [
        ("a", "/dev/ttyUSB9"),
        ("b", str(tmp_path / "m1")),
        ("c", "/dev/ttyUSB2"),
    ]


def test_nothing_is_given_twice(tmp_path):
    three = [ModemSettings(name, "auto") for name in "abc"]
    assert found(tmp_path, *three) == [("a", "/dev/ttyUSB2"), ("b", "/dev/ttyUSB6"), ("c", None)]
    pattern = ModemSettings("b", str(tmp_path / "m*"))
    assert found(tmp_path, pattern, replace(pattern, name="c")) == [("b", None), ("c", None)]


def test_a_simulator_is_where_the_supervisor_puts_it(tmp_path):
    assert found(tmp_path, ModemSettings("demo", "sim")) == [("demo", str(tmp_path / "var/sim-demo"))]


def test_what_is_plugged_in_at_a_path(tmp_path):
    (one,) = candidates(settings(tmp_path, ModemSettings("a", "/dev/ttyUSB0")), [ONE, TWO])
    assert one.usb is ONE


def test_one_by_its_name_or_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tty").touch()
    (tmp_path / "link").symlink_to("tty")
    sections = [ModemSettings("a", str(tmp_path / "link")), ModemSettings("b", "/dev/ttyUSB9")]
    assert found(tmp_path, *sections, asked="b") == [("b", "/dev/ttyUSB9")]
    assert found(tmp_path, *sections, asked=str(tmp_path / "tty")) == [("a", str(tmp_path / "link"))]
    assert found(tmp_path, *sections, asked="/dev/ttyACM7") == [("ttyACM7", "/dev/ttyACM7")]
    assert found(tmp_path, asked="tty", verdicts=()) == [("tty", str(tmp_path / "tty"))]
    with pytest.raises(Refusal, match=r"ni un modem \(a, b\) ni le chemin"):
        found(tmp_path, *sections, asked="c")
