"""Modems that nobody named: found, seated, told, remembered; no thread runs here."""

import threading
from datetime import timedelta

import pytest

from base.settings.values import ModemSettings, Settings
from db.engine.clock import utc_now
from db.modems.status import beat, known_modems, modem_cards, save_modem
from modem.daemon import hotplug as arriving
from modem.daemon.hotplug import REMEMBERED, TIDY_EVERY, Arrivals
from modem.daemon.ports import probe as probing
from modem.daemon.worker_threads import ModemThreads
from tests.modem.daemon.ports import FakeBus, on_files
from tests.modem.discovery.sticks import ec25, stick

pytestmark = pytest.mark.usefixtures("database")

A, B = "350000000000017", "350000000010017"


class Box:
    """A daemon's seats and arrivals on a bus that is a list. ModemThreads' threads are only counted."""

    def __init__(self, folder, now, *modems, monkeypatch):
        self.folder, self.now, self.bus = folder, now, FakeBus()
        self.imeis = {}
        monkeypatch.setattr(arriving, "bus_verdicts", self.bus.verdicts)
        monkeypatch.setattr(probing, "in_use_by", lambda path: None)
        monkeypatch.setattr(ModemThreads, "start", lambda seats: None)
        settings = Settings(folder / "config.ini", folder, modems=modems)
        self.seats = ModemThreads("box", settings, threading.Event(), print)
        self.arrivals = Arrivals("box", settings, self.seats, now)
        self.scout = self.arrivals._probe
        if self.scout is not None:
            self.scout._introduce = lambda path, _: self.imeis[path.rpartition("/")[2]]

    def plug(self, device, imei=None):
        device = on_files(device, self.folder)
        if imei:
            self.imeis |= {tty.rpartition("/")[2]: imei for tty in device.ttys}
        self.bus.plugged.append(device)
        if self.scout is not None:
            self.scout._list_at_s = 0.0
        return device

    def step(self, later=timedelta()):
        if self.scout is not None:
            while self.scout.step(0.0):
                pass
        self.arrivals.step(self.now + later)

    def rows(self):
        return {known.name: known.imei for known in known_modems("box")}

    def requests(self):
        return {request.name: (request.device, request.imei) for request in self.seats.registry.requests()}


def row(name, imei, now, **values):
    """What a worker wrote of its modem."""
    save_modem("box", name, {"device": "auto", "state": "ready", "imei": imei} | values, now)


@pytest.fixture
def box(tmp_path, now, monkeypatch):
    return lambda *modems: Box(tmp_path, now, *modems, monkeypatch=monkeypatch)


def test_every_known_modem_gets_a_seat_under_its_imei(box):
    empty = box()
    empty.step()
    assert empty.requests() == {}
    empty.plug(ec25("1-1"), A)
    empty.step()
    assert empty.requests() == {"m0017": ("auto", A)}
    # The seat's worker writes its row when it runs.
    row("m0017", A, empty.now)
    empty.plug(ec25("1-2", first=4, number=8), B)
    empty.step()
    assert empty.requests() == {"m0017": ("auto", A), "m10017": ("auto", B)}
    empty.step()
    assert len(empty.requests()) == 2


def test_a_clash_is_seen_although_the_first_wrote_no_row_yet(box):
    both = box()
    both.plug(ec25("1-1"), A)
    both.plug(ec25("1-2", first=4, number=8), B)
    both.step()
    assert both.requests() == {"m0017": ("auto", A), "m10017": ("auto", B)}


def test_a_modem_that_comes_back_has_its_name(box, now):
    row("m10017", B, now)
    again = box()
    again.plug(ec25(), B)
    again.step()
    assert again.requests() == {"m10017": ("auto", B)}


def test_one_that_is_away_stays_absent_for_a_month(box, now):
    row("m0017", A, now, signal_dbm=-71)
    away = box()
    away.step()
    beat("box", "modem", 1, now)
    (card,) = modem_cards(now)
    assert (card.state, card.sentence, card.signal_dbm) == ("absent", "Le modem n'est pas branché.", None)
    away.step(REMEMBERED - TIDY_EVERY)
    assert away.rows() == {"m0017": A}
    away.step(REMEMBERED)
    assert away.rows() == {}


def test_a_section_of_before_is_forgotten(box, now):
    row("a", A, now, device="/dev/x")
    row("m0017", A, now)
    box().step()
    assert {known.name for known in known_modems("box")} == {"m0017"}


def test_what_cannot_be_used_has_a_row_while_it_is_plugged_in(box, now):
    there = box()
    hilink = there.plug(stick("12d1:14dc", place="1-1.4"))
    there.step()
    beat("box", "modem", 1, now)
    (card,) = modem_cards(now)
    assert (card.name, card.state) == ("usb-1-1-4", "faulty")
    assert "HiLink" in card.sentence
    there.step(TIDY_EVERY)
    assert list(there.rows()) == ["usb-1-1-4"]
    there.bus.plugged.remove(hilink)
    there.scout._list_at_s = 0.0
    there.step()
    assert there.rows() == {}


def test_with_sections_nobody_else_is_seated_and_other_rows_go(box, now):
    row("m0017", A, now)
    named = box(ModemSettings("a", imei=B))
    named.plug(ec25(), A)
    named.plug(stick("12d1:14dc", place="1-4", number=9))
    named.step()
    assert named.requests() == {"a": ("auto", B)}
    assert named.rows() == {}


def test_where_every_section_has_its_path_there_is_no_scout(box):
    assert box(ModemSettings("a", "/dev/ttyUSB2"), ModemSettings("b", "sim")).scout is None
    assert box(ModemSettings("a", "/dev/ttyUSB2", imei=A)).scout is not None
    assert box(ModemSettings("a", "/dev/plp/by-path/*")).scout is not None


def test_a_simulators_seat_is_at_its_link(box):
    made = box(ModemSettings("a", "sim"))
    assert made.requests() == {"a": (str(made.folder / "var/sim-a"), None)}


def test_a_seat_sits_where_its_modem_was_last(box, now):
    row("b", A, now)
    chosen = box(ModemSettings("a"), ModemSettings("b"))
    chosen.plug(ec25(), A)
    chosen.step()
    assert chosen.seats.registry.take("b", utc_now()).endswith("ttyUSB2")


def test_a_database_that_is_away_does_not_lose_a_newcomer(box, monkeypatch):
    found = box()
    found.step()
    found.plug(ec25(), A)
    with monkeypatch.context() as away:
        away.setattr(arriving.status, "known_modems", lambda host: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            found.step()
    assert found.requests() == {}
    found.step()
    assert found.requests() == {"m0017": ("auto", A)}
