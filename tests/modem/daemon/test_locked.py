"""A modem that tells nothing before its PIN: who seats it, whose PIN it gets, and what people read meanwhile."""

from dataclasses import replace
from pathlib import Path

import pytest

from base.settings.values import ModemSettings
from modem.daemon.drivers import driver_maker
from modem.daemon.policy.recovery import PIN_PATIENCE
from modem.daemon.ports.registry import PortRegistry, SeenPort
from modem.daemon.ports.requests import PortRequest, port_key
from modem.daemon.ports.targets import Target
from modem.daemon.records.status import NoPort
from modem.doctor.checks.facts import Facts, Modem, Standing
from modem.doctor.report import diagnose
from modem.driver.at import AtDriver
from modem.errors import PinRequired
from modem.sim.identity import Identity
from tests.modem.daemon.ports import present
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.support.simulator import RunningHost

A, B = "350000000000017", "350000000000025"
ASKS = (
    "pin",
    "La carte SIM demande son code PIN : introduisez-le sur la page de ce modem, ou indiquez-le par "
    "pin_file dans config.ini.",
)


def seen(path, place="", **more):
    key = port_key(present(path))
    return SeenPort(key, Target((key,), place, on_bus=True), **{"trouble": ASKS, "locked": True} | more)


@pytest.fixture
def hall(tmp_path):
    def make(*requests, **ports):
        registry = PortRegistry({})
        for request in requests:
            registry.add(request)
        registry.saw([seen(tmp_path / name, **more) for name, more in ports.items()], [])
        return registry

    return make


@pytest.mark.parametrize("imei", [None, A])
def test_the_only_seat_takes_the_only_locked_modem(hall, now, imei, tmp_path):
    registry = hall(PortRequest("a", "auto", imei), x={})
    assert registry.take("a", now) == str(tmp_path / "x")
    registry.met("a", A)


@pytest.mark.parametrize(("seats", "ports"), [("ab", "x"), ("a", "xy")])
def test_a_pin_goes_into_no_card_that_may_be_another_seats(hall, now, seats, ports):
    registry = hall(*(PortRequest(seat, "auto", None) for seat in seats), **{port: {} for port in ports})
    with pytest.raises(NoPort) as refused:
        registry.take("a", now)
    assert refused.value.standing == ASKS


def test_a_seat_knows_its_locked_modem_by_its_place(hall, now, tmp_path):
    registry = hall(
        PortRequest("a", "auto", None),
        PortRequest("b", "auto", None),
        x={"place": "1-2", "imei": A, "locked": False},
        y={"place": "1-3", "imei": B, "locked": False},
    )
    places = {}
    for seat in "ab":
        path = registry.take(seat, now)
        registry.met(seat, A if path.endswith("x") else B)
        places[seat] = path
    for seat in "ab":  # both were reset, and are locked again
        registry.leave(seat)
    registry.saw([seen(tmp_path / "x", place="1-2"), seen(tmp_path / "y", place="1-3")], [])
    assert {seat: registry.take(seat, now) for seat in "ba"} == places


@pytest.fixture
def locked(tmp_path):
    """A simulated modem whose card wants its PIN, 0000; its link, and its phone."""
    phone = Phone(Identity.derive("locked"), Network(), sim="SIM PIN", pin="0000", profile=PROFILES["default"])
    with RunningHost(SimModem(phone), tmp_path / "modem") as host:
        yield host.device, phone


def write(config: Path, line: str) -> None:
    config.write_text(f"[database]\nurl = sqlite:///plp.db\n[modem:a]\ndevice = /dev/x\n{line}\n")


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_a_pin_file_that_is_added_later_is_used_without_a_restart(locked, tmp_path):
    device, phone = locked
    config, pin = tmp_path / "config.ini", tmp_path / "pin"
    write(config, "")
    make = driver_maker(ModemSettings("a", device), lambda: None, lambda *_: None, config)
    driver = make(device, None)
    assert isinstance(driver, AtDriver)

    def refused() -> int | None:
        with pytest.raises(PinRequired) as raised:
            driver.open()
        return raised.value.tries_left

    assert refused() == 3
    write(config, f"pin_file = {pin}")
    assert refused() == 3
    config.write_text("[modem:a\n")  # somebody is writing
    assert refused() == 3
    write(config, f"pin_file = {pin}")
    pin.write_text("0000")
    try:
        assert driver.open().iccid == phone.identity.iccid
    finally:
        driver.close()


@pytest.mark.parametrize(("left", "words"), [(None, "demande son code PIN"), (2, "restants : 2"), (1, "restants : 1")])
def test_page_and_doctor_tell_the_tries_left(bench, left, words):
    bench.driver.opening = [PinRequired("pin", left)]
    bench.step()
    card = bench.card()
    assert (card.state, card.pin_tries, words in card.sentence) == ("pin", left, True)
    modem = Modem("a", "/dev/x", standing=Standing(card.state, card.told, card.pin_tries))
    (found,) = diagnose(Facts(modems=(modem,)))
    assert ("demande son code PIN" if left is None else f"essais restants : {left}") in str(found.title)
    (untold,) = diagnose(Facts(modems=(replace(modem, standing=Standing("pin")),)))
    assert str(untold.title).endswith("demande son code PIN")


def test_a_pin_that_comes_is_used_within_seconds(bench):
    bench.driver.opening = [PinRequired("pin") for _ in range(8)]
    while bench.driver.opening:
        bench.step(PIN_PATIENCE.total_seconds())
    bench.step(PIN_PATIENCE.total_seconds())
    assert (bench.card().state, bench.card().pin_tries) == ("ready", None)
