"""A driver that moves with its modem."""

from pathlib import Path

import pytest

from modem.daemon.ports.driver_proxy import DriverProxy
from modem.daemon.ports.registry import PortRegistry, SeenPort
from modem.daemon.ports.requests import PortRequest, port_key
from modem.daemon.ports.targets import Target
from modem.daemon.records.status import NoPort
from modem.driver.base import hub_power, port
from modem.driver.base.interface import LateReceipt, PortLost
from modem.errors import ModemTimeout, PortBusy, PortGone
from rules.numbers import half_masked
from tests.modem.daemon.fake import IDENTITY, Clock, FakeDriver
from tests.modem.daemon.ports import present

OTHER = "350000000000025"


class Stand:
    """One seat with a driver for each port that it sat at."""

    def __init__(self, folder, now, imei=IDENTITY.imei):
        self.folder = folder
        self.registry = PortRegistry({})
        self.registry.add(PortRequest("a", str(folder / "tty*"), imei))
        self.made, self.opening = [], []
        self.seated = DriverProxy(self.registry, "a", Clock(now), self._make)

    def _make(self, tty, usb_id):
        driver = FakeDriver()
        driver.opening = self.opening
        self.made.append((Path(tty).name, usb_id, driver))
        return driver

    def plug(self, name, imei=IDENTITY.imei):
        key = port_key(present(self.folder / name))
        self.registry.saw([SeenPort(key, Target((key,), fits=frozenset("a")), imei)], [])

    def unplug(self, name):
        (self.folder / name).unlink()
        self.registry.saw([], [])

    @property
    def now_at(self):
        return self.made[-1][2]


@pytest.fixture
def stand(tmp_path, now):
    return Stand(tmp_path, now)


class Inhibition:
    """ModemManager, which lets go of `holds`."""

    def __init__(self, *holds):
        self.holds, self.taken = holds, []

    def take(self, tty, busy):
        busy.holder = busy.holder or "ModemManager"
        self.taken.append(Path(tty).name)
        return Path(tty).name in self.holds


@pytest.mark.parametrize("holds", [("tty1",), ()])
def test_a_port_that_modemmanager_holds_is_asked_for(stand, holds):
    stand.registry.inhibition = Inhibition(*holds)
    stand.plug("tty1")
    stand.opening = [PortBusy("tty1")]
    if holds:
        assert stand.seated.open() == IDENTITY
    else:
        with pytest.raises(PortBusy) as raised:
            stand.seated.open()
        assert raised.value.holder == "ModemManager"
    assert stand.registry.inhibition.taken == ["tty1"]


def test_it_sits_where_the_modem_is(stand):
    stand.plug("tty1")
    assert stand.seated.is_there()
    assert stand.seated.open() == IDENTITY
    stand.unplug("tty1")
    stand.seated.close()
    with pytest.raises(NoPort):
        stand.seated.is_there()
    stand.plug("tty2")
    stand.seated.open()
    assert [name for name, _, _ in stand.made] == ["tty1", "tty2"]
    assert stand.made[0][2].closed >= 1


def test_at_the_same_port_it_is_the_same_driver_which_knows_its_modem(stand):
    stand.plug("tty1")
    stand.seated.open()
    stand.seated.close()
    stand.seated.open()
    assert len(stand.made) == 1


def test_another_modem_is_put_back_untouched(stand):
    stand.plug("tty1")
    stand.seated.is_there()
    stand.seated.open()
    stand.seated.close()
    stand.now_at.identity = IDENTITY.__class__("Huawei", "E173", "1", OTHER, IDENTITY.imsi, None, None)
    with pytest.raises(NoPort, match=half_masked(OTHER)):
        stand.seated.open()
    assert stand.now_at.closed == 2
    assert stand.registry.taken() == frozenset()


def test_a_failure_to_open_gives_the_port_back(stand):
    stand.plug("tty1")
    stand.seated.open()
    stand.seated.close()
    stand.now_at.opening = [ModemTimeout("AT")]
    with pytest.raises(ModemTimeout):
        stand.seated.open()
    assert stand.registry.taken() == frozenset()
    assert stand.seated.open() == IDENTITY
    assert len(stand.registry.taken()) == 1


def test_a_modem_whose_set_up_failed_is_restarted_where_it_sat_and_nowhere_else(stand):
    stand.plug("tty1")
    stand.seated.open()
    stand.seated.close()
    stand.seated.reset()
    assert stand.now_at.resets == 1
    assert len(stand.registry.taken()) == 1  # nobody else opens it meanwhile
    stand.seated.close()
    assert stand.registry.taken() == frozenset()
    stand.unplug("tty1")
    stand.plug("tty2")
    with pytest.raises(PortGone):
        stand.seated.reset()
    assert stand.now_at.resets == 1


def test_what_the_port_before_told_is_not_lost_but_its_loss_is(stand):
    stand.plug("tty1")
    stand.seated.open()
    late = LateReceipt(7, 1)
    stand.now_at.events = [late, PortLost()]
    stand.unplug("tty1")
    stand.seated.close()
    stand.plug("tty2")
    stand.seated.open()
    assert stand.seated.drain_events() == [late]
    assert stand.seated.drain_events() == []


def test_before_it_sat_anywhere_it_can_do_nothing_and_harms_nobody(stand):
    seated = stand.seated
    assert (seated.drain_events(), seated.capabilities, seated.reset_usb()) == ([], frozenset(), False)
    seated.hold_link(True)
    seated.close()
    for ask in (seated.probe, seated.reset, seated.registration, seated.signal_dbm, seated.storage_use):
        with pytest.raises(PortGone):
            ask()


def test_it_passes_everything_on(stand):
    stand.plug("tty1")
    stand.seated.open()
    seated, driver = stand.seated, stand.now_at
    assert seated.capabilities == driver.capabilities
    assert seated.registration().registered
    assert seated.signal_dbm() == -71
    seated.hold_link(True)
    assert driver.holds == [True]
    seated.probe()
    seated.reset()
    assert driver.resets == 1
    assert seated.switch_bearer()
    assert seated.restore_smsc() == driver.restore_smsc()
    assert seated.storage_use() == driver.storage_use()
    assert list(seated.list_stored()) == list(driver.list_stored())


def test_the_usb_reset_goes_to_where_it_was_plugged_in(stand, monkeypatch, tmp_path):
    place = port.UsbPlace(tmp_path, "2c7c:0125")
    reset = []
    monkeypatch.setattr(port, "usb_place", lambda tty: place if tty.endswith("tty1") else None)
    monkeypatch.setattr(port, "reset_usb", reset.append)
    stand.plug("tty1")
    stand.seated.open()
    assert stand.made[-1][1] == "2c7c:0125"
    stand.unplug("tty1")
    stand.seated.close()
    assert stand.seated.reset_usb()
    assert reset == [place]
    stand.plug("tty2")
    stand.seated.open()
    assert not stand.seated.reset_usb()


def test_the_power_is_that_of_the_port_where_it_was_plugged_in(stand, monkeypatch, tmp_path):
    place = port.UsbPlace(tmp_path, "2c7c:0125")
    monkeypatch.setattr(port, "usb_place", lambda tty: place if tty.endswith("tty1") else None)
    monkeypatch.setattr(hub_power, "power_cycle", lambda switched: switched is place)
    assert not stand.seated.power_cycle()
    stand.plug("tty1")
    stand.seated.open()
    stand.unplug("tty1")
    stand.seated.close()
    assert stand.seated.power_cycle()


def test_a_part_goes_to_the_modem(stand, monkeypatch):
    stand.plug("tty1")
    stand.seated.open()
    monkeypatch.setattr(stand.now_at, "submit", lambda part, start: 9)
    assert stand.seated.submit(None, lambda: None) == 9
