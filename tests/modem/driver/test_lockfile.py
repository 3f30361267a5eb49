"""Lock files that other programs leave beside a tty."""

import os
from pathlib import Path

import pytest

from modem.driver.base.port import in_use_by, lock_holder

pytestmark = pytest.mark.processes


def test_a_running_program_is_named(tmp_path: Path) -> None:
    (tmp_path / "LCK..ttyUSB2").write_text(f"{os.getppid():>10}\n")
    holder = lock_holder("/dev/ttyUSB2", tmp_path)
    assert holder is not None
    assert holder.endswith(f"(pid {os.getppid()})")


@pytest.mark.parametrize("text", ["", "not a pid\n", f"{2**22 + 5}\n", "our own\n"])
def test_what_says_nothing_holds_nothing(tmp_path: Path, text: str) -> None:
    text = text.replace("our own", str(os.getpid()))
    (tmp_path / "LCK..ttyUSB2").write_text(text)
    assert lock_holder("/dev/ttyUSB2", tmp_path) is None
    assert lock_holder("/dev/ttyUSB3", tmp_path) is None


def test_whoever_has_it_is_named_by_lock_file_or_as_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modem.driver.base.port.holder", lambda tty: "seen")
    monkeypatch.setattr("modem.driver.base.port.lock_holder", lambda tty: "minicom" if "USB1" in tty else None)
    assert [in_use_by(tty) for tty in ("/dev/ttyUSB1", "/dev/ttyUSB2", "/dev/pts/3")] == ["minicom", "seen", None]


def test_a_link_to_a_pty_is_a_pty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modem.driver.base.port.holder", lambda tty: "the simulator")
    (tmp_path / "link").symlink_to("/dev/pts/3")
    assert in_use_by(str(tmp_path / "link")) is None
