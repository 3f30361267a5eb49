"""Transcripts from the daemon and from the modem itself."""

import fcntl
import os
from datetime import timedelta

import pytest

from db.modems import commands
from modem.daemon.recording import DAEMON_PATIENCE_S, NETWORK_PATIENCE_S, record, transcript_of
from modem.errors import PinRequired, PortBusy, PortGone, SimMissing
from modem.sim.identity import Identity
from plp.settings.values import ModemSettings
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.support.simulator import RunningHost


class Time:
    """Time that passes while somebody sleeps; `then` happens at the first sleep."""

    def __init__(self, now, then=lambda now: None):
        self.now, self._then = now, then
        self.began = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)
        then, self._then = self._then, lambda now: None
        then(self.now)

    @property
    def passed_s(self):
        return (self.now - self.began).total_seconds()


def ask(time, name="a"):
    saved = transcript_of("box", name, "tech", time.sleep, time)
    return saved and saved.text


@pytest.mark.usefixtures("database")
class TestTheDaemons:
    def test_it_is_asked_and_what_is_new_is_taken(self, now):
        commands.save_transcript("box", "a", "old", now - timedelta(hours=1))

        def daemon(at):
            assert [request.verb for request in commands.open_requests("box", "a")] == ["transcript"]
            commands.save_transcript("box", "a", "new", at)

        time = Time(now, daemon)
        assert ask(time) == "new"
        assert time.passed_s < 0.5

    @pytest.mark.parametrize(("name", "saved"), [("a", "old"), ("b", None)])
    def test_who_is_busy_gives_what_there_was(self, now, name, saved):
        commands.save_transcript("box", "a", "old", now - timedelta(hours=1))
        time = Time(now)
        assert ask(time, name) == saved
        assert time.passed_s == pytest.approx(DAEMON_PATIENCE_S, abs=0.2)

    def test_a_clock_that_goes_back_ends_the_wait(self, now):
        time = Time(now)
        time.sleep = lambda seconds: setattr(time, "now", now - timedelta(days=1))
        assert ask(time) is None


@pytest.fixture
def modem(tmp_path):
    """`modem(profile, **phone)` → a simulated modem that listens, and the world around it."""
    hosts = []

    def plugged(profile="default", **phone):
        identity = Identity.derive("recording")
        network = Network()
        host = RunningHost(SimModem(Phone(identity, network, PROFILES[profile], **phone)), tmp_path / "tty")
        host.__enter__()
        hosts.append(host)
        return host

    yield plugged
    for host in hosts:
        host.__exit__()


def recorded(host, sleep=lambda seconds: None, **settings):
    return record(host.device, ModemSettings("a", **settings), sleep)


def test_a_modem_tells_all_of_itself(modem):
    told = recorded(modem())
    assert told.error is None
    assert told.status.model == "SIMULATION SimModem"
    assert told.status.state == "ready"
    assert {use.name for use in told.storages} >= {"SM"}
    for line in ("> ATE0", "> AT+CSQ", "> AT+CIREG?", "< +CREG: 2,1"):
        assert line in told.script
    assert "CMGS" not in told.script
    assert told.status.imei not in told.script


def test_the_port_is_free_afterwards(modem):
    host = modem()
    assert recorded(host).error is None
    assert recorded(host).error is None


def test_one_without_a_network_is_waited_for(modem):
    slept = []
    host = modem()
    host.modem.phone.network_on = False
    told = recorded(host, slept.append)
    assert sum(slept) == NETWORK_PATIENCE_S
    assert told.error is None
    assert told.status.state == "not_registered"


@pytest.mark.parametrize(("state", "error"), [("ABSENT", SimMissing), ("SIM PIN", PinRequired)])
def test_what_ends_it_is_told(modem, state, error):
    told = recorded(modem(sim=state))
    assert isinstance(told.error, error)
    assert told.status.imei is None
    assert "> AT+CPIN?" in told.script


def test_a_port_that_somebody_has_for_a_moment_is_waited_for(modem):
    """Who opens the path of a modem that is gone gets the one that has its number now, also a pty's."""
    host = modem(sim="ABSENT")
    other = os.open(host.device, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(other, fcntl.LOCK_EX)
    told = recorded(host, sleep=lambda seconds: fcntl.flock(other, fcntl.LOCK_UN))
    assert isinstance(told.error, SimMissing)
    fcntl.flock(other, fcntl.LOCK_EX)
    slept = []
    assert isinstance(recorded(host, slept.append).error, PortBusy)
    assert sum(slept) == 3
    os.close(other)


def test_nothing_is_there(tmp_path):
    assert isinstance(record(str(tmp_path / "none"), ModemSettings("a")).error, PortGone)
