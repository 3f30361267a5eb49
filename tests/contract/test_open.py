"""Taking the port: who answers, which card is in, and what to say when it cannot be done."""

import subprocess
import sys
import threading

import pytest

from modem.driver.base.interface import PortLost
from modem.errors import (
    CommandError,
    ModemTimeout,
    PinRequired,
    PortBusy,
    PortGone,
    ProtocolError,
    PukRequired,
    SimMissing,
)
from tests.contract.bench import PIN, Keeper, nothing, part

HOLD = """
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.flock(fd, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(("sim", "error"), [("ABSENT", SimMissing), ("SIM PIN", PinRequired), ("SIM PUK", PukRequired)])
def test_sim_that_cannot_be_used(bench, sim, error):
    bench = bench(sim=sim)
    for _ in range(2):
        with pytest.raises(error):
            bench.driver.open()
    assert bench.phone.pin_tries == 3


def test_pin_is_entered_and_the_keeper_told(bench):
    keeper = Keeper()
    bench = bench(sim="SIM PIN", pin=keeper)
    assert bench.driver.open().imsi == bench.identity.imsi
    card = bench.identity.iccid
    tries = 3 if bench.manager is None else None  # ModemManager's generic plugin asks for no counter
    assert keeper.told == [("take", card, tries), ("accepted", card)]


def test_wrong_pin_is_entered_once(bench):
    keeper = Keeper("1111")
    bench = bench(sim="SIM PIN", pin=keeper)
    for _ in range(2):
        with pytest.raises(PinRequired) as raised:
            bench.driver.open()
        assert "1111" not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert bench.phone.pin_tries == 2
    assert [told[0] for told in keeper.told] in (["take", "refused"], ["take", "refused", "take"])


@pytest.mark.needs("port")
def test_pin_is_not_risked_when_few_tries_are_left(bench):
    keeper = Keeper(PIN)
    bench = bench(sim="SIM PIN", pin=keeper)
    bench.phone.pin_tries = 2
    with pytest.raises(PinRequired) as raised:
        bench.driver.open()
    assert raised.value.tries_left == 2
    assert (bench.phone.pin_tries, keeper.pin) == (2, PIN)


def test_what_is_no_pin_is_never_sent(bench):
    seen = []
    bench = bench(sim="SIM PIN", pin=Keeper("1234\rAT+CMGD=1,4"), on_traffic=lambda *chunk: seen.append(chunk))
    with pytest.raises(PinRequired):
        bench.driver.open()
    assert bench.phone.pin_tries == 3
    assert not any(b"CPIN=" in data for direction, data in seen if direction == "sent")


def test_ready_card_clears_what_was_noted_of_it(bench):
    keeper = Keeper()
    bench = bench(pin=keeper)
    bench.driver.open()
    assert keeper.told == [("accepted", bench.identity.iccid)]


@pytest.mark.needs("port")
def test_busy_port_names_its_holder(bench):
    bench = bench()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, bench.host.device], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(PortBusy) as raised:
            bench.driver.open()
        assert f"(pid {other.pid})" in raised.value.holder
        assert raised.value.device == bench.host.device
        other.stdin.close()
        other.wait()
    bench.driver.open()


@pytest.mark.needs("port")
def test_no_port_and_then_one(bench):
    bench = bench()
    bench.host.order("unplug")
    for _ in range(2):
        with pytest.raises(PortGone):
            bench.driver.open()
    bench.host.order("replug")
    bench.driver.open()


@pytest.mark.needs("port")
@pytest.mark.slow
def test_modem_that_hangs_from_the_start(bench, monkeypatch):
    """What was asked then is answered when it goes on, and may put the next attempt out of step: that one says so."""
    bench = bench()
    monkeypatch.setattr("modem.driver.dialogue.steps.SYNC_TIMEOUT_S", 0.2)
    bench.host.order("hang")
    with pytest.raises(ModemTimeout):
        bench.driver.open()
    bench.host.order("resume")
    try:
        identity = bench.driver.open()
    except (ModemTimeout, ProtocolError, CommandError):
        identity = bench.driver.open()
    assert (identity.imei, identity.imsi) == (bench.identity.imei, bench.identity.imsi)
    bench.driver.submit(part("Encore"), nothing)
    assert bench.sent == ["Encore"]


def test_close_is_harmless(bench):
    bench = bench()
    bench.driver.close()
    bench.driver.open()
    bench.driver.close()
    bench.driver.close()
    with pytest.raises(PortGone):
        bench.driver.signal_dbm()
    bench.driver.open()


def test_open_again_without_close(bench):
    bench = bench()
    assert bench.driver.open() == bench.driver.open()
    bench.driver.probe()
    assert [event for event in bench.driver.drain_events() if isinstance(event, PortLost)] == []


@pytest.mark.needs("port")
@pytest.mark.slow
def test_close_ends_an_open_that_waits(bench):
    bench = bench()
    bench.host.order("hang")
    closer = threading.Timer(0.5, bench.driver.close)
    closer.start()
    with pytest.raises((PortGone, ModemTimeout)):
        bench.driver.open()
    closer.join(1)
    assert not closer.is_alive()
