"""What every driver must do, over a simulated modem on a pty. A second driver is a second entry of DRIVERS."""

import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from modem.driver.at import AtDriver
from modem.driver.protocol import InboundEvent, PortLost, Receipt, ReportEvent, StoredEvent
from modem.errors import CmsError, PinRequired, PortBusy, PortGone, PukRequired, SimMissing, SubmitUnconfirmed
from modem.sim import PROFILES, Faults, Identity, Network, PtyHost, SimModem
from modem.sim.phone import Phone
from modem.sms import OutgoingPart

DRIVERS = {"at": AtDriver}

HOLD = """
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.flock(fd, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


class Bench:
    """One driver at one simulated modem."""

    def __init__(self, make, link, profile, faults=(), sim="READY"):
        self.identity = Identity.derive("contract")
        self.network = Network()
        self.phone = Phone(self.identity, self.network, PROFILES[profile], report_s=0.0, sim=sim, pin="0000")
        self.host = PtyHost(SimModem(self.phone, Faults(faults), submit_s=0.0, link_s=0.0), link)
        self.heard = threading.Event()
        self.driver = make(str(link), on_event=self.heard.set)

    def event(self, kind):
        """The first event of this kind, within 5 s."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            self.heard.clear()
            for event in self.driver.drain_events():
                if isinstance(event, kind):
                    return event
            self.heard.wait(deadline - time.monotonic())
        raise AssertionError(f"no {kind.__name__}")


@pytest.fixture(params=DRIVERS)
def bench(request, tmp_path):
    """`bench(profile=…, faults=…, sim=…)` → a Bench with its modem running."""
    made = []

    def make(profile="default", **arguments):
        bench = Bench(DRIVERS[request.param], tmp_path / "modem", profile, **arguments)
        bench.host.__enter__()
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.driver.close()
        bench.host.__exit__()


def part(text="Essai é€", encoding="gsm7", number="+32470000002"):
    return OutgoingPart(number, text, encoding, 1, 1, 0, timedelta(hours=4))


def nothing():
    """The database's commit of PDU_STARTED."""


@pytest.mark.parametrize("profile", PROFILES)
def test_open_tells_who_answers(bench, profile):
    bench = bench(profile)
    identity = bench.driver.open()
    assert (identity.imei, identity.imsi, identity.iccid) == (
        bench.identity.imei,
        bench.identity.imsi,
        bench.identity.iccid,
    )
    assert identity.manufacturer == PROFILES[profile].manufacturer
    assert identity.smsc == bench.phone.smsc


@pytest.mark.parametrize(
    ("profile", "technology"),
    [("default", "4G"), ("ec25", "4G"), ("e173", "3G"), ("sim800", None)],  # a SIM800 does not say
)
def test_registration_and_signal(bench, profile, technology):
    bench = bench(profile)
    bench.driver.open()
    registration = bench.driver.registration()
    assert (registration.registered, registration.roaming) == (True, False)
    assert (registration.technology, registration.operator) == (technology, "00101")
    assert bench.driver.signal_dbm() == -113 + 2 * bench.phone.quality
    bench.host.order("network off")
    assert not bench.driver.registration().registered


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("text", "encoding"), [("Vol rue Haute, 21h40 é€", "gsm7"), ("Forêt ’ œ 🚨", "ucs2")])
def test_submit_and_its_report(bench, profile, text, encoding):
    bench = bench(profile)
    bench.driver.open()
    receipts = [bench.driver.submit(part(text, encoding), nothing) for _ in range(3)]
    assert [receipt.reference for receipt in receipts] == [0, 1, 2]
    assert [(m["to"], m["text"], m["encoding"]) for m in bench.network.messages.lines] == [
        ("+32470000002", text, encoding)
    ] * 3
    report = bench.event(ReportEvent).report
    assert (report.reference, report.recipient, report.status) == (0, "+32470000002", 0)


def test_references_wrap(bench):
    bench = bench()
    bench.phone.next_reference = 255
    bench.driver.open()
    assert [bench.driver.submit(part(), nothing) for _ in range(2)] == [Receipt(255), Receipt(0)]


def test_holding_the_link_never_fails(bench):
    bench = bench()
    bench.driver.hold_link(True)
    bench.driver.open()
    bench.driver.hold_link(True)
    bench.driver.submit(part(), nothing)
    bench.driver.hold_link(False)


def test_nothing_reaches_the_network_before_on_pdu_start(bench):
    bench = bench()
    bench.driver.open()
    taken = []
    bench.driver.submit(part(), lambda: taken.append(len(bench.network.tpdus.lines)))
    assert taken == [0]
    assert len(bench.network.tpdus.lines) == 1


def test_on_pdu_start_fails(bench):
    class DatabaseGone(Exception):
        pass

    def fails():
        raise DatabaseGone

    bench = bench()
    bench.driver.open()
    with pytest.raises(DatabaseGone):
        bench.driver.submit(part(), fails)
    assert bench.network.tpdus.lines == []
    assert bench.driver.submit(part(), nothing) == Receipt(0)


@pytest.mark.parametrize("code", [1, 38, 304, 500])
def test_refusal_by_code(bench, code):
    bench = bench(faults=[f"number:+32470000009=cms:{code}"])
    bench.driver.open()
    with pytest.raises(CmsError) as raised:
        bench.driver.submit(part(number="+32470000009"), nothing)
    assert raised.value.code == code
    bench.driver.submit(part(), nothing)
    assert [message["to"] for message in bench.network.messages.lines] == ["+32470000002"]


def test_lines_that_nobody_asked_for_and_dribbled_bytes(bench):
    bench = bench(faults=["urc@0.5,dribble"])
    bench.driver.open()
    for number in range(3):
        bench.driver.submit(part(f"Essai {number}"), nothing)
    assert [message["text"] for message in bench.network.messages.lines] == [f"Essai {n}" for n in range(3)]


def test_inbound_text_waits_in_the_storage(bench):
    bench = bench()
    bench.driver.open()
    bench.host.order("inbound +32470000003 Bien reçu")
    stored = bench.event(StoredEvent)
    assert not stored.report
    for _ in range(2):  # it stays until it is deleted
        event = bench.driver.read_stored(stored)
        assert isinstance(event, InboundEvent)
        assert (event.deliver.sender, event.deliver.text) == ("+32470000003", "Bien reçu")
    bench.driver.delete_stored(stored)
    assert bench.driver.read_stored(stored) is None


@pytest.mark.parametrize(("sim", "error"), [("ABSENT", SimMissing), ("SIM PIN", PinRequired), ("SIM PUK", PukRequired)])
def test_sim_that_cannot_be_used(bench, sim, error):
    bench = bench(sim=sim)
    for _ in range(2):
        with pytest.raises(error):
            bench.driver.open()
    assert bench.phone.pin_tries == 3


def test_port_vanishes_while_idle_and_returns(bench):
    bench = bench()
    bench.driver.open()
    bench.host.order("unplug")
    assert bench.event(PortLost) == PortLost()
    with pytest.raises(PortGone):
        bench.driver.submit(part(), nothing)
    with pytest.raises(PortGone):
        bench.driver.open()
    bench.host.order("replug")
    bench.driver.open()
    bench.driver.submit(part(), nothing)
    assert len(bench.network.messages.lines) == 1


def test_port_vanishes_before_the_pdu(bench):
    bench = bench()
    bench.driver.open()
    bench.host.order("unplug")
    with pytest.raises(PortGone):
        bench.driver.submit(part(), pytest.fail)


def test_port_vanishes_when_the_pdu_may_be_out(bench):
    bench = bench()
    bench.driver.open()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), lambda: bench.host.order("unplug"))
    assert isinstance(raised.value.__cause__, PortGone)


def test_port_vanishes_when_the_network_has_it(bench):
    bench = bench(faults=["unanswered"])
    bench.driver.open()

    def unplug():
        while not bench.network.tpdus.lines:
            time.sleep(0.001)
        bench.host.order("unplug")

    unplugger = threading.Thread(target=unplug)
    unplugger.start()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), nothing)
    unplugger.join()
    assert raised.value.waited_s < 5


def test_busy_port_names_its_holder(bench):
    bench = bench()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, bench.host.device], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(PortBusy) as raised:
            bench.driver.open()
        assert f"(pid {other.pid})" in raised.value.holder
        other.stdin.close()
        other.wait()
    bench.driver.open()


def test_close_is_harmless(bench):
    bench = bench()
    bench.driver.close()
    bench.driver.open()
    bench.driver.close()
    bench.driver.close()
    with pytest.raises(PortGone):
        bench.driver.signal_dbm()
    bench.driver.open()
