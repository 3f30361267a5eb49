"""Modems that answer as no manual says: nothing but AT+CPIN before the PIN, no final result, the radio off."""

import pytest

from modem.driver.dialogue.setup import introduction
from modem.errors import PinRequired
from tests.contract.bench import Keeper, nothing, part, within

pytestmark = pytest.mark.needs("port")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("modem.driver.dialogue.dialogue.SETTLED_S", 0.05)


LOCKED = ("locked", "locked:0", "locked:100")


@pytest.mark.parametrize("locked", LOCKED)
def test_pin_comes_before_identity(bench, locked):
    keeper = Keeper()
    bench = bench(sim="SIM PIN", faults=[locked], pin=keeper)
    identity = bench.driver.open()
    assert (identity.imei, identity.imsi, identity.iccid, identity.model) == (
        bench.identity.imei,
        bench.identity.imsi,
        bench.identity.iccid,
        "SimModem",
    )
    assert keeper.told == [("take", "", None), ("accepted", ""), ("accepted", bench.identity.iccid, "")]
    bench.driver.submit(part("Ouvert"), nothing)
    assert bench.sent == ["Ouvert"]


@pytest.mark.parametrize("locked", LOCKED)
def test_the_missing_pin_is_what_is_told(bench, locked):
    bench = bench(sim="SIM PIN", faults=[locked])
    for _ in range(2):
        with pytest.raises(PinRequired):
            bench.driver.open()
    with pytest.raises(PinRequired):
        introduction(bench.host.device)
    assert bench.phone.pin_tries == 3


@pytest.mark.parametrize("locked", LOCKED)
def test_a_wrong_pin_is_entered_once_and_the_tries_are_told(bench, locked):
    keeper = Keeper("1111")
    bench = bench(sim="SIM PIN", faults=[locked], pin=keeper)
    for _ in range(2):
        with pytest.raises(PinRequired) as raised:
            bench.driver.open()
        assert raised.value.tries_left == 2
    assert bench.phone.pin_tries == 2
    assert [told[:2] for told in keeper.told] == [("take", ""), ("refused", ""), ("take", "")]


def test_an_answer_without_its_final_result(bench):
    bench = bench(faults=["nofinal:+CPIN"])
    assert bench.driver.open().imsi == bench.identity.imsi
    bench.driver.submit(part("Sans OK"), nothing)
    assert bench.sent == ["Sans OK"]


@pytest.mark.slow
def test_every_read_may_miss_its_final_result(bench):
    reads = ("+CPIN", "+CFUN", "+CSCA", "+CPMS", "+CREG", "+CGREG", "+CEREG", "+COPS")
    bench = bench(faults=[f"nofinal:{name}" for name in reads])
    assert bench.driver.open().smsc == bench.phone.smsc
    assert bench.driver.registration().registered
    bench.driver.submit(part("Sans OK"), nothing)
    assert bench.sent == ["Sans OK"]


@pytest.mark.slow
@pytest.mark.parametrize("code", [0, 4])
@pytest.mark.parametrize("sim", ["READY", "SIM PIN"])
def test_a_radio_that_is_off_is_switched_on(bench, code, sim):
    bench = bench(sim=sim, faults=[f"radio-off:{code}"], pin=Keeper())
    assert bench.driver.open().imsi == bench.identity.imsi
    assert (bench.phone.functionality, bench.phone.pin_tries) == (1, 3)
    within(20, lambda: bench.driver.registration().registered)
    bench.driver.submit(part("En l'air"), nothing)
    assert bench.sent == ["En l'air"]


def seldom(*values):
    """The first as often as the others are left to `make test`."""
    return [values[0], *(pytest.param(value, marks=pytest.mark.slow) for value in values[1:])]


@pytest.mark.slow
@pytest.mark.parametrize("locked", seldom(*LOCKED))
@pytest.mark.parametrize("code", [0, 4])
@pytest.mark.parametrize("wire", seldom(["urc@0.5"], ["crcrlf", "echo"], ["dribble", "urc@0.2"]))
def test_and_05_together(bench, locked, code, wire):
    faults = [locked, f"radio-off:{code}", "nofinal:+CPIN", "nofinal:+CFUN", *wire]
    bench = bench(sim="SIM PIN", faults=faults, pin=Keeper())
    assert bench.driver.open().iccid == bench.identity.iccid
    assert (bench.phone.functionality, bench.phone.pin_tries) == (1, 3)
    within(20, lambda: bench.driver.registration().registered)
    bench.driver.submit(part("Tout à la fois"), nothing)
    assert bench.sent == ["Tout à la fois"]
