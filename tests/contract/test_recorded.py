"""Models that were added by a transcript (CONTRIBUTING, "How to add a modem model"): row, rule and dialogue agree."""

import re
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from modem.discovery.verdicts import UsbDevice, UsbInterface, judge
from modem.driver.at import AtDriver
from modem.driver.base.interface import StoredEvent
from modem.driver.models.models import by_usb_id, for_model
from modem.errors import ModemTimeout, PinRequired, PortGone
from modem.sim.identity import Identity
from modem.sms.message import Deliver, OutgoingPart, StatusReport
from tests.simulator.base.network import Network
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.simulator.script import Script
from tests.support.simulator import RunningHost
from tools.udev_rules import rules

TRANSCRIPTS = sorted((Path(__file__).parents[1] / "modem" / "sim" / "transcripts").glob("*.txt"))
USB = re.compile(
    r"(?P<id>[0-9a-f]{4}:[0-9a-f]{4}), AT on interfaces? (?P<ports>[0-9a-f]{2}(?:(?:, | and )[0-9a-f]{2})*)"
)
PIN = "0000"

pytestmark = pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.stem)


class OneTry:
    """A PinKeeper that would enter the PIN whatever the card says."""

    def take(self, card, tries_left):
        return PIN

    def accepted(self, card):
        pass

    refused = accepted


@pytest.fixture
def played(file, tmp_path):
    """`played(**world)` → the phone behind the transcript, a driver at its port, and the port's host."""
    made = []

    def play(traffic=None, **world):
        script = Script.read(file)
        phone = Phone(Identity.derive(file.stem), Network(), script.profile(), report_s=0.0, pin=PIN, **world)
        host = RunningHost(SimModem(phone, script=script, submit_s=0.0, link_s=0.0, reset_s=0.0), tmp_path / "tty")
        driver = AtDriver(
            str(tmp_path / "tty"),
            on_event=threading.Event().set,
            usb_id=usb_id(file),
            pin=OneTry(),
            on_traffic=traffic,
        )
        made.append((host.__enter__(), driver))
        return phone, driver, host

    yield play
    for host, driver in made:
        driver.close()
        host.__exit__()


def usb_id(file):
    return USB.match(Script.read(file).header["usb"])["id"]


def event(driver, kind):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for found in driver.drain_events():
            if isinstance(found, kind):
                return found
        time.sleep(0.005)
    raise AssertionError(f"no {kind}")


def test_the_head_the_row_and_the_rule_agree(file):
    head = USB.match(Script.read(file).header["usb"])
    (row,) = by_usb_id(head["id"])
    assert row.kind == "at"
    assert set(row.at) | set(row.second_at) == set(re.findall(r"[0-9a-f]{2}", head["ports"]))
    vendor, product = head["id"].split(":")
    assert f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}"' in rules()


def test_discovery_finds_its_port(file):
    (row,) = by_usb_id(usb_id(file))
    ports = sorted({"00", "01", *row.at, *row.second_at, *row.ignore})
    interfaces = tuple(UsbInterface(port, "ff", "ff", "ff", (f"/dev/ttyUSB{int(port, 16)}",)) for port in ports)
    verdict = judge(UsbDevice("/sys/devices/usb1/1-1", usb_id(file), "", interfaces))
    assert verdict.kind == "modem"
    assert verdict.ports == tuple(f"/dev/ttyUSB{int(port, 16)}" for port in (*row.at, *row.second_at))


def test_it_is_set_up_without_detours(file, played):
    sent = []
    phone, driver, _ = played(traffic=lambda direction, data: sent.append(data) if direction == "sent" else None)
    identity = driver.open()
    assert (identity.imei, identity.imsi, identity.iccid) == (
        phone.identity.imei,
        phone.identity.imsi,
        phone.identity.iccid,
    )
    row = for_model(identity.manufacturer, identity.model, usb_id(file))
    assert row in by_usb_id(usb_id(file))
    assert driver.registration().registered
    assert driver.signal_dbm() is not None
    # One form is tried; the same one once more, where the machine was too busy to answer in time, is no detour.
    assert len({command for command in sent if b"AT+CNMI=" in command and b"?" not in command}) == 1


def test_it_sends_reports_and_receives(played):
    phone, driver, _ = played()
    driver.open()
    started = []
    part = OutgoingPart("+32470000002", "Essai é€", "gsm7", 1, 1, 0, timedelta(hours=4))
    receipt = driver.submit(part, lambda: started.append(True))
    assert started == [True]
    assert [message["text"] for message in phone.network.messages.lines] == ["Essai é€"]
    report = event(driver, StatusReport)
    assert (report.reference, report.recipient, report.status) == (receipt, "+32470000002", 0)
    assert {use.name for use in driver.storage_use()} >= {"SM"}
    assert list(driver.list_stored()) == []


def test_a_text_reaches_us_and_its_place_is_freed(played):
    _, driver, host = played()
    driver.open()
    host.order("inbound +32470000003 Bien reçu")
    told = event(driver, (Deliver, StoredEvent))
    if isinstance(told, StoredEvent):
        stored, told = told, driver.read_stored(told)
        driver.delete_stored(stored)
    assert (told.sender, told.text) == ("+32470000003", "Bien reçu")
    assert list(driver.list_stored()) == []


def test_its_pin_is_entered_and_never_risked(played):
    phone, driver, _ = played(sim="SIM PIN", pin_tries=2)
    with pytest.raises(PinRequired) as raised:
        driver.open()
    assert raised.value.tries_left == 2
    assert phone.pin_tries == 2
    phone.pin_tries = 3
    assert driver.open().imsi == phone.identity.imsi


@pytest.mark.slow
def test_it_comes_back_after_a_restart(played):
    _, driver, _ = played()
    before = driver.open()
    driver.reset()
    deadline = time.monotonic() + 30
    while True:
        try:
            assert driver.open() == before
            break
        except (PortGone, ModemTimeout):
            assert time.monotonic() < deadline
    assert driver.registration().registered
