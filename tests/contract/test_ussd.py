"""What the network answers to a code (27.007 § 7.15)."""

from dataclasses import replace

import pytest

from modem.driver.dialogue import setup
from modem.errors import CommandError, ModemTimeout, PortGone
from tests.contract.bench import PIN, Keeper, nothing, part
from tests.simulator.dialects import PROFILES

ANSWERS = {
    "*100#": "Solde : 12,50 EUR\nValable jusqu'au 31/12/2026",
    "*101#": "Crédit : 12,50 €",
    "*102#": "Crédit : 12,50 € (forfait « Été »)",
}

pytestmark = pytest.mark.needs("port")


def test_a_code_is_answered(bench):
    bench = bench()
    with pytest.raises(PortGone):
        bench.driver.ussd("*100#")
    bench.driver.open()
    for code, answer in ANSWERS.items():
        assert bench.driver.ussd(code).split() == answer.split()
    bench.driver.submit(part(), nothing)
    assert bench.sent == ["Essai é€"]
    assert bench.phone.settings.character_set == "GSM"


def test_a_code_is_answered_before_the_ok(bench):
    bench = bench(replace(PROFILES["default"], ussd="inline"))
    bench.driver.open()
    for code, answer in ANSWERS.items():
        assert bench.driver.ussd(code) == answer


def test_a_modem_that_has_one_character_set(bench):
    bench = bench(faults=["refuse:+CSCS"])
    bench.driver.open()
    assert bench.driver.ussd("*100#") == ANSWERS["*100#"]


@pytest.mark.parametrize("name", ["e173", "e3372", "sim800", "ec25", "mf190"])
def test_a_code_is_answered_by_every_maker(bench, name):
    bench = bench(name)
    bench.driver.open()
    assert bench.driver.ussd("*101#") == "Crédit : 12,50 €"
    assert bench.driver.ussd("*102#") == "Crédit : 12,50 € (forfait « Été »)"


def test_a_dialogue_is_ended(bench):
    bench = bench()
    bench.driver.open()
    assert bench.driver.ussd("*103#").split("\n") == ["1 Solde", "2 Options"]
    assert bench.driver.ussd("*101#") == "Crédit : 12,50 €"


def test_a_code_that_the_network_does_not_know(bench):
    bench = bench()
    bench.driver.open()
    with pytest.raises(CommandError):
        bench.driver.ussd("*199#")
    bench.driver.probe()


@pytest.mark.parametrize("faults", [("ussd:2",), ("ussd:5",), ("refuse:+CUSD",)])
def test_what_is_not_answered_is_a_refusal(bench, faults):
    bench = bench(faults=faults)
    bench.driver.open()
    with pytest.raises(CommandError):
        bench.driver.ussd("*100#")
    bench.driver.submit(part(), nothing)


@pytest.mark.parametrize("fault", ["ussd:0", "silent:+CUSD"])
def test_no_answer_in_time(bench, fault, monkeypatch):
    monkeypatch.setattr(setup, "USSD_TIMEOUT_S", 0.1)
    bench = bench(faults=[fault])
    bench.driver.open()
    with pytest.raises(ModemTimeout):
        bench.driver.ussd("*100#")
    bench.driver.submit(part(), nothing)
    assert bench.sent == ["Essai é€"]


def test_chatter_and_a_lost_port_while_it_is_waited_for(bench):
    bench = bench(faults=["urc@0.5", "crcrlf"], sim="SIM PIN", pin=Keeper(PIN))
    bench.driver.open()
    assert bench.driver.ussd("*101#") == "Crédit : 12,50 €"
    bench.host.order("fault ussd:0")
    bench.driver._dialogue.abort()
    with pytest.raises(PortGone):
        bench.driver.ussd("*100#")
