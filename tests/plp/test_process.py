"""The log of a process that runs by itself."""

import logging

import pytest

from plp import process
from plp.process import log_to_stderr


@pytest.fixture
def lines(monkeypatch):
    """`lines()`: what was logged since."""
    shown = []

    class Kept(logging.Handler):
        def emit(self, record):
            shown.append(record.getMessage())

    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(logging, "basicConfig", lambda **_given: root.addHandler(Kept()))
    log_to_stderr("info")
    return shown


@pytest.mark.slow
def test_what_a_stick_makes_the_log_say_without_end_is_left_out(lines, monkeypatch):
    hostile, other = logging.getLogger("modem.driver.dialogue.storage"), logging.getLogger("modem.daemon.hotplug")

    def says(times):
        for number in range(times):
            hostile.warning("a PDU of %d octets cannot be decoded", number)

    says(70_000)
    assert len(lines) == 30
    assert lines[-1] == "a PDU of 29 octets cannot be decoded (others like this one are left out for a minute)"
    other.warning("modem a was found")
    assert lines[-1] == "modem a was found", "what else happens is told"
    monkeypatch.setattr(process, "_MINUTE_S", 0.0)
    says(1)
    assert lines[-1] == "a PDU of 0 octets cannot be decoded"


def test_each_request_to_the_console_is_told(lines):
    for _ in range(100):
        logging.getLogger("console.access").warning("POST /login 429")
    assert len(lines) == 100
