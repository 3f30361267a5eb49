"""Looking after an open modem: network, signs of life, restart, link, bearer, and the recorder."""

import typing

import pytest

from modem.driver.base.interface import Capability, PortLost
from modem.errors import ModemTimeout, PortGone, SimMissing
from tests.contract.bench import CAPABILITIES, Keeper, nothing, part, within
from tests.simulator.base.tpdu import SMSC

TECHNOLOGIES = {"default": "4G", "ec25": "4G", "e173": "3G", "sim800": None}  # a SIM800 does not say


def test_capabilities_are_known_ones(bench):
    assert CAPABILITIES[bench().name] <= set(typing.get_args(Capability))


@pytest.mark.parametrize("profile_name", TECHNOLOGIES)
def test_registration_and_signal(bench, profile_name):
    bench = bench(profile_name)
    bench.driver.open()
    within(5, lambda: bench.driver.signal_dbm() is not None)  # ModemManager asks at its own time
    registration, signalled = bench.driver.registration(), bench.driver.signal_dbm()
    assert registration.registered
    assert registration.operator == "00101"
    signal_dbm = -113 + 2 * bench.phone.quality
    bench.host.order("network off")
    within(5, lambda: not bench.driver.registration().registered)
    if bench.manager is None:
        assert (registration.technology, signalled) == (TECHNOLOGIES[profile_name], signal_dbm)
        assert bench.driver.signal_dbm() is None
    else:  # it rounds, and tells what it heard last
        assert registration.technology in (TECHNOLOGIES[profile_name], None)
        assert abs(signalled - signal_dbm) < 4


@pytest.mark.needs("port")
def test_card_is_changed_while_the_port_stays_open(bench):
    bench = bench()
    before = bench.driver.open()
    bench.host.order("sim swap")
    with pytest.raises(PortGone):
        bench.driver.registration()
    after = bench.driver.open()
    assert (after.imei, after.imsi != before.imsi, after.iccid != before.iccid) == (before.imei, True, True)
    assert bench.driver.registration().registered
    bench.host.order("sim out")
    with pytest.raises(SimMissing):
        bench.driver.registration()


@pytest.mark.needs("port")
def test_the_character_set_that_modemmanager_left_does_not_hide_the_service_centre(bench):
    """docs/reference/modem-facts.md, "Character set": under UCS2 AT+CSCA tells and takes hex."""
    bench = bench()
    bench.phone.settings.character_set = "UCS2"
    assert bench.driver.open().smsc == bench.phone.smsc
    assert bench.driver.registration().operator == "00101"


def test_probe(bench):
    bench = bench()
    with pytest.raises(PortGone):
        bench.driver.probe()
    bench.driver.open()
    bench.driver.probe()


@pytest.mark.needs("port")
@pytest.mark.slow
def test_probe_of_a_modem_that_hangs(bench, driver, monkeypatch):
    monkeypatch.setattr(f"modem.driver.{driver}.PROBE_TIMEOUT_S", 1.0)
    bench = bench()
    bench.driver.open()
    bench.host.order("hang")
    with pytest.raises(ModemTimeout):
        bench.driver.probe()
    bench.host.order("resume")
    bench.driver.close()
    bench.driver.open()
    bench.driver.submit(part(), nothing)


@pytest.mark.needs("port")
def test_reset(bench):
    sent = []
    bench = bench(on_traffic=lambda direction, data: direction == "sent" and sent.append(data))
    bench.driver.open()
    settings = bench.phone.settings
    bench.driver.reset()
    assert b"AT+CFUN=1,1\r" in sent
    assert bench.phone.settings is not settings
    with pytest.raises(PortGone):
        bench.driver.probe()
    bench.driver.open()
    assert PortLost() not in bench.driver.drain_events()
    bench.driver.submit(part(), nothing)
    assert bench.report().status == 0


@pytest.mark.needs("port")
def test_the_other_bearer(bench):
    bench = bench()
    bench.driver.open()
    assert bench.phone.settings.bearer == 3
    assert [bench.driver.switch_bearer() and bench.phone.settings.bearer for _ in range(2)] == [2, 3]


@pytest.mark.needs("port")
def test_no_other_bearer(bench):
    bench = bench("mf190")  # which knows no AT+CGSMS
    bench.driver.open()
    assert not bench.driver.switch_bearer()


@pytest.mark.needs("port")
def test_the_service_centre_is_there_again(bench):
    bench = bench()
    bench.driver.open()
    assert bench.driver.restore_smsc()
    bench.driver.probe()
    assert bench.phone.smsc == SMSC


@pytest.mark.needs("port")
def test_the_link_is_held(bench):
    bench = bench()
    bench.driver.hold_link(True)  # never fails
    bench.driver.open()
    bench.driver.hold_link(True)
    assert bench.phone.settings.keep_link == 2
    bench.driver.hold_link(False)
    assert bench.phone.settings.keep_link == 0
    bench.host.order("unplug")
    bench.driver.hold_link(True)


@pytest.mark.needs("port")
def test_the_dialogue_is_told_and_its_recorder_may_fail(bench):
    told = []

    def record(direction, data):
        told.append((direction, data))
        if b"CMGS" in data:
            raise RuntimeError

    bench = bench(sim="SIM PIN", pin=Keeper(), on_traffic=record)
    bench.driver.open()
    assert {direction for direction, _ in told} == {"sent", "read"}
    assert any(data.startswith(b"AT+CPIN?") for direction, data in told if direction == "sent")
    assert any(bench.identity.imei.encode() in data for direction, data in told if direction == "read")
    bench.driver.submit(part(), nothing)
    bench.driver.submit(part(), nothing)
    assert len([data for _, data in told if b"CMGS" in data]) == 1
    assert len(bench.sent) == 2


@pytest.mark.needs("port")
@pytest.mark.parametrize(
    ("profile_name", "told"),
    [
        ("default", "sms"),
        ("a7600", "registered"),
        ("sim7600", "none"),
        ("ec25", ""),  # which refuses AT+CIREG?: that says nothing of the card
        ("e173", ""),
    ],
)
def test_sms_over_4g_as_the_modem_tells_it(bench, profile_name, told):
    bench = bench(profile_name)
    bench.driver.open()
    assert bench.driver.ims() == told


@pytest.mark.slow
@pytest.mark.needs("port")
@pytest.mark.parametrize("faults", [(), ("nofinal:+CIREG",), ("urc@0.5,crcrlf",)])
def test_sms_over_4g_follows_the_card_and_the_network(bench, faults):
    bench = bench(faults=faults, sim="SIM PIN", pin=Keeper())
    bench.driver.open()
    found = []
    for order in ("ims 1,F", "ims 1,3", "ims 1", "ims 0", "ims-network off", "ims-network on", "network off"):
        bench.host.order(order)
        found.append(bench.driver.ims())
    assert found == ["sms", "registered", "registered", "none", "unoffered", "none", "unoffered"]


@pytest.mark.lacks("port")
def test_a_driver_that_cannot_ask_says_nothing_of_sms_over_4g(bench):
    assert bench().driver.ims() == ""
