"""What is ModemManager's own way (docs/adr/0036-modemmanager-by-d-bus.md), with Debian's own ModemManager."""

import threading
from datetime import timedelta

import pytest

from modem.daemon.drivers import DRIVERS
from modem.driver.base.interface import PortLost, StoredEvent
from modem.driver.dbus.managed import Inhibition
from modem.errors import CmsError, PduError, PortBusy, PortGone, SubmitUnconfirmed
from modem.sms.message import Deliver, StatusReport
from tests.contract.bench import ANNA, BERT, nothing, part, within
from tests.support.polkit import polkit

pytestmark = pytest.mark.lacks("port")

LONG = " ".join(f"mot{number} été €" for number in range(36))  # 3 parts


def test_a_long_text_is_handed_over_whole_and_its_receipt_is_the_last_ones(bench):
    bench = bench()
    assert bench.driver.open().lacks == ("at",)
    with pytest.raises(PduError):
        bench.driver.submit(part("Essai", total=2), pytest.fail)
    assert bench.driver.submit(part(LONG, validity=timedelta(hours=4)), nothing) == 2
    assert [(line["text"], line["parts"]) for line in bench.network.messages.lines] == [(LONG, 3)]
    report = bench.report()
    assert (report.reference, report.recipient, report.status) == (2, ANNA, 0)
    assert bench.driver.submit(part("Encore"), nothing) == 3


def test_a_refusal_of_a_long_text_does_not_say_what_went_out(bench):
    bench = bench(faults=["cms:38@=3"])
    bench.driver.open()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(LONG), nothing)
    assert isinstance(raised.value.__cause__, CmsError)
    assert raised.value.__cause__.code == 38
    assert len(bench.network.tpdus.lines) == 2


def test_what_a_text_would_become_otherwise_is_not_sent(bench):
    bench = bench()
    bench.driver.open()
    for bad in (part("n’ouvrez"), part("SMS de test à mon GSM", "ucs2"), part(number="0470000002"), part("a\u200bb")):
        with pytest.raises(PduError):
            bench.driver.submit(bad, pytest.fail)
    assert bench.network.tpdus.lines == []


def test_what_it_sent_and_a_report_that_is_read_leave_nothing_behind(bench):
    bench = bench()
    bench.driver.open()
    bench.driver.submit(part(), nothing)
    place = bench.event(StoredEvent)
    assert isinstance(bench.driver.read_stored(place), StatusReport)
    bench.driver.delete_stored(place)
    assert bench.driver.storage_use()[0].used == 0


def test_a_long_text_that_comes_is_one_text(bench):
    bench = bench()
    bench.driver.open()
    bench.host.order(f"inbound {BERT} {LONG}")
    found = []
    within(10, lambda: bench.driver.storage_use() and (found.extend(bench.driver.list_stored()) or found))
    assert [(event.sender, event.text, event.concatenation) for _, event in found] == [(BERT, LONG, None)]


def test_of_a_burst_nothing_stays_unread(bench):
    """Of six announcements at once ModemManager 1.24 reads some only; all are read when it is asked at leisure."""
    bench = bench()
    bench.driver.open()
    for number in range(6):
        bench.host.order(f"inbound {BERT} Texto {number}")
    bench.event(StoredEvent)
    texts = set()

    def all_came():
        bench.driver.storage_use()
        for place, event in bench.driver.list_stored():
            assert isinstance(event, Deliver)
            texts.add(event.text)
            bench.driver.delete_stored(place)
        return len(texts) == 6

    within(10, all_came)
    assert bench.phone.storages["SM"].messages == bench.phone.storages["ME"].messages == {}


def test_dead_in_a_submit_it_is_unconfirmed_and_found_again(bench):
    bench = bench(submit_s=1.0)
    bench.driver.open()
    killer = threading.Timer(0.3, bench.manager.kill)
    killer.start()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), nothing)
    killer.join()
    assert isinstance(raised.value.__cause__, PortGone)
    assert bench.event(PortLost) == PortLost()
    for broken in (bench.driver.probe, bench.driver.registration, bench.driver.open):
        with pytest.raises(PortGone):
            broken()
    bench.manager.start()
    bench.plug_in()
    bench.driver.open()
    bench.driver.submit(part("Encore"), nothing)
    assert bench.sent == ["Essai é€", "Encore"]


def test_dead_before_a_submit_nothing_went_out(bench):
    bench = bench()
    bench.driver.open()
    with pytest.raises(RuntimeError):
        bench.driver.submit(part(), _fails)
    bench.manager.kill()
    with pytest.raises(PortGone):
        bench.driver.submit(part(), pytest.fail)
    bench.manager.start()
    assert bench.sent == []


def _fails():
    raise RuntimeError


def test_no_answer_in_time_is_unconfirmed(bench):
    bench = bench(submit_s=1.0, submit_timeout_s=0.2)
    bench.driver.open()
    with pytest.raises(SubmitUnconfirmed):
        bench.driver.submit(part(), nothing)


def test_the_modem_is_found_by_its_imei_or_as_the_only_one(bench):
    bench = bench()
    bench.manager.kill()
    bench.manager.start()
    bench.plug_in()
    for device in (bench.identity.imei, "auto"):
        driver = DRIVERS["modemmanager"](device, on_event=nothing)
        assert driver.open().imei == bench.identity.imei
        driver.close()
    with pytest.raises(PortGone):
        DRIVERS["modemmanager"]("356938035643809", on_event=nothing).open()


def test_without_a_bus_there_is_no_modem(bench, monkeypatch):
    bench = bench()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    with pytest.raises(PortGone):
        bench.driver.open()


def test_what_it_holds_is_asked_for_and_it_lets_go(bench, monkeypatch):
    """InhibitDevice, for a modem with an AT port; what it has not, or does not give, is nothing to it."""
    bench, inhibition = bench(), Inhibition()
    address = bench.manager.environment["DBUS_SYSTEM_BUS_ADDRESS"]
    busy, other = PortBusy(bench.socket), PortBusy("/dev/ttyUSB0")
    assert not inhibition.take("/dev/ttyUSB0", other)
    with polkit(address, allows=False):
        assert not inhibition.take(bench.socket, busy)
    assert (busy.holder, other.holder) == (
        "ModemManager",
        None,
    )  # found_14: the service's user does not see its process
    with polkit(address, allows=True) as asked:
        assert inhibition.take(bench.socket, busy)
    assert asked == ["org.freedesktop.ModemManager1.Control"]
    assert not bench.manager.has(bench.socket)
    with pytest.raises(PortGone):
        bench.driver.open()
    inhibition.close()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert not inhibition.take(bench.socket, busy)
