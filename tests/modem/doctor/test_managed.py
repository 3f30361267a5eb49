"""What the doctor says of modems that are ModemManager's."""

import pytest

from modem.daemon.records.status import trouble
from modem.discovery.verdicts import UsbDevice, UsbInterface, judge
from modem.doctor.checks.facts import Box, Facts, Modem, Standing
from modem.doctor.report import diagnose
from modem.errors import NotAllowed, NotManaged
from rules.sentences import DOCTOR, TEMPLATES, coded

MBIM = judge(UsbDevice("/sys/devices/usb1/1-1", "0489:e0ff", "", (UsbInterface("00", "02", "0e", "00"),)))


def asked(error):
    return Modem("a", "auto", "auto", error=error, standing=Standing(*trouble(error)))


@pytest.mark.parametrize(
    ("modem", "title", "advice"),
    [
        (asked(NotManaged("none")), "ModemManager ne détecte pas", "mmcli -L"),
        (asked(NotAllowed("no")), "refuse les commandes", "packaging/polkit"),
        (
            Modem("a", "auto", standing=Standing("absent", coded("not_managed"))),
            "ModemManager ne détecte pas",
            "mmcli -L",
        ),
        (
            Modem("a", "auto", standing=Standing("faulty", coded("not_allowed"))),
            "refuse les commandes",
            "packaging/polkit",
        ),
    ],
)
def test_why_modemmanager_does_not_serve_us(modem, title, advice):
    found = next(finding for finding in diagnose(Facts(modems=(modem,))) if finding.severity == "fault")
    assert title in str(found.title)
    assert advice in str(found.advice)


@pytest.mark.parametrize(("holder", "advice"), [("minicom (pid 8)", "Arrêtez ce programme"), ("brltty", "apt remove")])
def test_whoever_holds_the_port_is_named_with_what_lets_it_go(holder, advice):
    modem = Modem("a", "/dev/ttyUSB2", standing=Standing("faulty", coded("port_held", holder=holder)))
    found = next(finding for finding in diagnose(Facts(modems=(modem,))) if finding.modem == "a")
    assert str(found.title) == f"/dev/ttyUSB2 est utilisé par {holder}"
    assert advice in str(found.advice)


def test_a_modem_without_an_at_port_is_offered_once():
    (offer,) = diagnose(Facts(usb=(MBIM,)))
    assert (offer.severity, "driver = modemmanager" in str(offer.advice)) == ("note", True)
    assert diagnose(Facts(Box(manager=True), usb=(MBIM,))) == []


def test_what_a_daemon_may_tell_is_a_stored_code():
    assert {code.removeprefix("said_") for code in DOCTOR if code.startswith("said_")} <= set(TEMPLATES)
