"""Files, rights and drivers of a machine that is a folder here."""

import pytest

from base.settings.reading import load_settings
from modem.doctor import gathering
from modem.doctor.gathering import box_of


def put(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def machine(folder):
    (folder / "config.ini").write_text("[zone]\nname = X\n")
    return box_of(load_settings(folder / "config.ini"), daemon=True, database="current", root=folder)


def test_a_bare_machine_has_nothing(tmp_path):
    bare = machine(tmp_path)
    assert not bare.rules


@pytest.mark.parametrize("folder", ["etc", "run", "usr/lib", "lib"])
def test_rules_may_be_installed_anywhere_udev_looks(tmp_path, folder):
    put(tmp_path / folder / "udev/rules.d/70-plp-alerte.rules")
    assert machine(tmp_path).rules


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
