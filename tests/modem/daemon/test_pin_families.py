"""The last try of a PIN is never spent, whichever command tells how many are left, and where none does.

Each family's command and the form of its answer are those of ofono's SIM driver (drivers/atmodem/sim.c).
"""

import os
from dataclasses import replace

import pytest

from db.engine.connection import bound_state_folder
from db.modems import sims
from modem.daemon.records.status import CardPin
from modem.driver.at import AtDriver
from modem.errors import PinRequired
from modem.sim.identity import Identity
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.support.simulator import RunningHost

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.usefixtures("database")]

PIN = "0000"
# Maker → the command line without AT that tells the tries, and what it tells.
FAMILIES = {
    "ZTE CORPORATION": ("+ZPINPUK=?", "+ZPINPUK: {pin_tries},10"),
    "Ericsson": ("*EPIN?", "*EPIN: {pin_tries},10,3,10"),
    "TCT Mobile, Alcatel": ("+PNNM?", "+PNNM: {pin_tries},10"),
    "Option N.V.": ("_OERCN?", "_OERCN: {pin_tries},10"),
    "Icera": ("%PINNUM?", "%PINNUM: {pin_tries},10,3,10"),
    "Infineon": ("+XPINCNT", "+XPINCNT: {pin_tries},3,10,10"),
    "SpeedUp": ("+CPNNUM", "PIN1={pin_tries}; PUK1=10; PIN2=3; PUK2=10"),
    "SIMCOM INCORPORATED": ("+SPIC", "+SPIC: {pin_tries},10,3,10"),
    "Quectel": ("+QPINC?", ['+QPINC: "P2",3,10', '+QPINC: "SC",{pin_tries},10']),
    "u-blox": ("+UPINCNT", "+UPINCNT: {pin_tries},3,10,10"),
    "huawei": ("^CPIN?", "^CPIN: SIM PIN,{pin_tries},10,{pin_tries},10,3"),
    "Example": ("+CPINR", ["+CPINR: SIM PUK,10,10", "+CPINR: SIM PIN2,3,3", "+CPINR: SIM PIN,{pin_tries},3"]),
}


@pytest.fixture
def modem(tmp_path, now):
    """`modem(maker, tries)` → its phone with PIN 0000, and what opens it as the daemon does with 0000 in `pin_file`."""
    hosts, drivers = [], []
    file = tmp_path / "pin"
    file.write_text(PIN)

    def plugged(maker, tries, pin=PIN, told=None):
        command, answer = told or FAMILIES[maker]
        profile = replace(
            PROFILES["default"],
            manufacturer=maker,
            answers={command: answer, "+CCID": "+CCID: {iccid}"},
            unknown=("+CPINC", "+CIREG", "+CIREP"),
        )
        phone = Phone(Identity.derive(maker), Network(), profile, sim="SIM PIN", pin=pin, pin_tries=tries)
        hosts.append(RunningHost(SimModem(phone), tmp_path / f"modem{len(hosts)}"))
        device = str(tmp_path / f"modem{len(hosts) - 1}")
        hosts[-1].__enter__()

        def opened(typed=None):
            drivers.append(AtDriver(device, on_event=lambda: None, pin=CardPin(lambda: file, lambda: now, "a")))
            if typed:
                sims.keep_typed_pin("a", typed)
                [left] = bound_state_folder().glob("typed-pin-*")
                os.utime(left, (now.timestamp(), now.timestamp()))
            try:
                return drivers[-1].open()
            finally:
                drivers[-1].close()

        return phone, opened

    yield plugged
    for host in hosts:
        host.__exit__(None, None, None)


@pytest.mark.parametrize("maker", FAMILIES)
def test_no_pin_goes_into_a_card_with_few_tries(modem, maker):
    for tries in (1, 2):
        phone, opened = modem(maker, tries, pin="1234")
        with pytest.raises(PinRequired) as asked:
            opened()
        assert (asked.value.tries_left, phone.pin_tries) == (tries, tries)


@pytest.mark.parametrize("maker", FAMILIES)
def test_a_wrong_pin_costs_one_try_and_the_right_one_opens(modem, maker):
    phone, opened = modem(maker, 3, pin="1234")
    for _ in range(3):
        with pytest.raises(PinRequired):
            opened()
    assert phone.pin_tries == 2
    phone, opened = modem(maker, 3)
    phone.identity = Identity.derive("another card of", maker)
    assert opened().iccid == phone.identity.iccid


def test_where_nothing_tells_the_tries_only_a_person_opens_the_card_or_what_opened_it_before(modem):
    phone, opened = modem("Example", 1, told=("+NOTHING", ""))
    for _ in range(2):
        with pytest.raises(PinRequired):
            opened()
    assert phone.pin_tries == 1
    opened(typed=PIN)
    phone.sim, phone.pin_tries = "SIM PIN", 1  # a power cut
    assert opened().iccid == phone.identity.iccid
