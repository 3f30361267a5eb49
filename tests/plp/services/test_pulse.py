"""The console beats while it runs, once it has stood for a moment, and says when it ends."""

import threading
import time

import pytest
from peewee import DatabaseError, InternalError

from db.models.zone import Heartbeat
from plp.services import machine
from plp.services.machine import beating

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("database")]


def beats(within_s=10.0):
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s and not Heartbeat.select().exists():
        threading.Event().wait(0.01)
    return list(Heartbeat.select())


def test_a_console_beats_and_ends(monkeypatch):
    monkeypatch.setattr(machine, "SETTLED_S", 0.0)
    monkeypatch.setattr(machine, "BEAT_EVERY_S", 0.01)
    with beating("box"):
        [beat] = beats()
        assert (beat.host, beat.process, beat.ended_at) == ("box", "console", None)
    assert Heartbeat.get().ended_at is not None


def test_one_that_ends_at_once_gave_no_sign_of_life():
    with beating("box"):
        pass
    assert Heartbeat.select().count() == 0


def test_a_database_that_takes_no_write_for_a_moment_does_not_end_the_pulse(monkeypatch):
    monkeypatch.setattr(machine, "SETTLED_S", 0.0)
    monkeypatch.setattr(machine, "BEAT_EVERY_S", 0.01)
    beat, refusals = machine.status.beat, [InternalError("read-only transaction"), DatabaseError("disk image")]

    def refused_at_first(*given):
        if refusals:
            raise refusals.pop()
        beat(*given)

    monkeypatch.setattr(machine.status, "beat", refused_at_first)
    with beating("box"):
        assert len(beats(within_s=2.0)) == 1
