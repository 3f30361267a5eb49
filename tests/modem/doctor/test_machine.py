"""Files, rights and drivers of a machine that is a folder here."""

import pytest

from modem.doctor import gathering
from modem.doctor.gathering import Machine


def put(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_bare_machine_has_nothing(tmp_path):
    bare = Machine(tmp_path)
    assert [bare.has_rules(), bare.has_modeswitch(), bare.has_option_driver(), bare.may_sleep("/sys/x")] == [False] * 4


@pytest.mark.parametrize("folder", ["etc", "run", "usr/lib", "lib"])
def test_rules_may_be_installed_anywhere_udev_looks(tmp_path, folder):
    put(tmp_path / folder / "udev/rules.d/70-plp-alerte.rules")
    assert Machine(tmp_path).has_rules()


def test_what_is_installed_and_loaded(tmp_path):
    put(tmp_path / "usr/sbin/usb_modeswitch").chmod(0o755)
    (tmp_path / "sys/bus/usb-serial/drivers/option1").mkdir(parents=True)
    assert Machine(tmp_path).has_modeswitch()
    assert Machine(tmp_path).has_option_driver()


@pytest.mark.parametrize(("control", "sleeps"), [("auto\n", True), ("on\n", False)])
def test_autosuspend(tmp_path, control, sleeps):
    put(tmp_path / "sys/devices/usb1/1-1/power/control", control)
    assert Machine(tmp_path).may_sleep("/sys/devices/usb1/1-1") is sleeps


@pytest.mark.parametrize(
    ("text", "mode", "state"),
    [
        ("1234\n", 0o600, "good"),
        ("1234", 0o644, "exposed"),
        ("code 1234", 0o600, "malformed"),
        ("", 0o600, "malformed"),
    ],
)
def test_the_pin_file(tmp_path, text, mode, state):
    file = put(tmp_path / "pin", text)
    file.chmod(mode)
    assert gathering.pin_file(file) == state


def test_pin_files_that_cannot_be_read(tmp_path):
    assert gathering.pin_file(None) == "none"
    assert gathering.pin_file(tmp_path / "none") == "missing"
    assert gathering.pin_file(tmp_path) == "unreadable"
    (tmp_path / "latin").write_bytes(b"\xe9")
    assert gathering.pin_file(tmp_path / "latin") == "malformed"
