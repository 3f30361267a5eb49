"""A process says that it is well while its threads turn, and asks to be started anew when one hangs."""

import logging
import socket
import threading
import time
from math import inf

import pytest

from base import watchdog
from base.watchdog import TURN_S, Watchdog, alive, excuse_all, overdue, watched


@pytest.fixture
def said(monkeypatch):
    """What the supervisor hears, and a clock that stands still until it is set."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as supervisor:
        supervisor.bind("")
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + supervisor.getsockname()[1:].decode())
        monkeypatch.setattr(watchdog, "_speaks_until_s", {})
        monkeypatch.setattr(watchdog, "_excused_until_s", 0.0)

        def heard():
            words = []
            while True:
                try:
                    words.append(supervisor.recv(99).decode())
                except BlockingIOError:
                    return words

        yield heard


class At:
    """A clock that says what it is set to."""

    def __init__(self, monkeypatch):
        self.now_s = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now_s)


@pytest.fixture
def at(monkeypatch):
    return At(monkeypatch)


def steps(dog, at, seconds):
    """The loop turns each second."""
    for _ in range(round(seconds)):
        at.now_s += 1
        dog.step()


def test_a_loop_that_turns_says_so_a_few_times_in_each_turn(at, said):
    dog = Watchdog()
    steps(dog, at, TURN_S)
    assert said()[0] == "READY=1"
    steps(dog, at, TURN_S)
    assert said() == ["WATCHDOG=1"] * 8


def test_a_thread_that_hangs_is_told_and_named(at, said, caplog):
    dog = Watchdog()
    with watched():
        steps(dog, at, TURN_S - 1)
        assert "WATCHDOG=trigger" not in said()
        with caplog.at_level(logging.ERROR):
            steps(dog, at, TURN_S / 4)
        assert said()[-1] == "WATCHDOG=trigger"
        assert threading.current_thread().name in caplog.text
        steps(dog, at, 3 * TURN_S)
        assert said() == []  # nothing that could pass for a sign of life


def test_a_submit_of_170_seconds_hangs_nobody(at, said):
    dog = Watchdog()
    with watched():
        alive(170)
        steps(dog, at, 170 + TURN_S - 1)
        assert set(said()) == {"READY=1", "WATCHDOG=1"}
        steps(dog, at, TURN_S / 4)
        assert said()[-1] == "WATCHDOG=trigger"


def test_who_waits_for_the_end_and_who_has_ended_hang_not(at, said):
    dog = Watchdog()
    with watched():
        alive(inf)
        steps(dog, at, 10_000)
    alive()
    steps(dog, at, 100)
    assert set(said()) == {"READY=1", "WATCHDOG=1"}


def test_what_keeps_everybody_waiting_says_so(at, said):
    with watched():
        excuse_all(900)
        alive()
        assert overdue(at.now_s + TURN_S + 1) == []
        assert overdue(at.now_s + 901) != []


def test_a_process_that_stood_still_as_a_whole_judges_nobody(at, said):
    """The supervisor, or the machine, had stopped it: no thread could have spoken."""
    dog = Watchdog()
    with watched():
        at.now_s += 10 * TURN_S
        dog.step()
        assert said() == ["READY=1", "WATCHDOG=1"]
        steps(dog, at, TURN_S * 1.3)
        assert said()[-1] == "WATCHDOG=trigger"


def test_without_a_supervisor_nothing_is_told(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    watchdog.notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    watchdog.notify("READY=1")
