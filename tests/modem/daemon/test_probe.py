"""The probe: whom it asks, how often, and what it never touches."""

import os
from types import SimpleNamespace

import pytest

from modem.daemon.ports import probe as probing
from modem.daemon.ports.probe import BOOTING_TRIES, EVERY_S, LIST_EVERY_S, RESETS, RETRIES_S, PortProbe
from modem.daemon.ports.registry import PortRegistry
from modem.daemon.ports.requests import PortRequest
from modem.daemon.records.status import NoPort
from modem.driver.base.port import UsbPlace
from modem.errors import ModemTimeout, PortBusy, PortGone
from tests.modem.daemon.ports import FakeBus, on_files, present
from tests.modem.discovery.sticks import ec25, interface, stick

A, B = "350000000000017", "350000000000025"


class Scene:
    """A probe with a bus that is a list; `answers` maps a tty's name to an IMEI or an error, others stay silent."""

    def __init__(self, folder, now):
        self.folder, self.now, self.clock_s = folder, now, 0.0
        self.registry, self.bus = PortRegistry({}), FakeBus()
        self.answers, self.asked, self.changes = {}, [], 0
        self.scout = PortProbe(self.registry, self.bus.verdicts, self._change, self._introduce)

    def _change(self):
        self.changes += 1

    def _introduce(self, path, settle_s):
        name = os.path.basename(path)
        self.asked.append((name, settle_s))
        answer = self.answers.get(name, ModemTimeout("AT"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def request(self, name, device, imei=None):
        self.registry.add(PortRequest(name, device if device == "auto" else str(self.folder / device), imei))

    def plug(self, device):
        device = on_files(device, self.folder)
        self.bus.plugged.append(device)
        self.scout._list_at_s = 0.0
        return device

    def unplug(self, device):
        self.bus.plugged.remove(device)
        for tty in device.ttys:
            os.unlink(tty)
        self.scout._list_at_s = 0.0

    def run(self, seconds=0.0):
        """Let it look and ask until it rests."""
        self.clock_s += seconds
        while self.scout.step(self.clock_s):
            pass

    def names(self):
        return [name for name, _ in self.asked]

    def why(self, seat):
        with pytest.raises(NoPort) as refused:
            self.registry.take(seat, self.now)
        return refused.value.standing[0], str(refused.value.standing[1])


@pytest.fixture
def scene(tmp_path, now, monkeypatch):
    monkeypatch.setattr(probing, "in_use_by", lambda path: None)
    return Scene(tmp_path, now)


def test_a_known_modem_is_asked_once_at_its_at_port(scene):
    scene.answers["ttyUSB2"] = A
    scene.plug(ec25())
    scene.run()
    scene.run(60)
    assert scene.names() == ["ttyUSB2"]
    assert scene.registry.newcomers() == [A]


def test_a_port_at_which_we_fail_does_not_keep_the_others_from_being_asked(scene):
    scene.answers |= {"ttyUSB2": ZeroDivisionError(), "ttyUSB6": B}
    scene.plug(ec25())
    scene.plug(ec25(place="1-3", first=4))
    with pytest.raises(ZeroDivisionError):
        scene.run()
    scene.run()
    assert scene.names() == ["ttyUSB2", "ttyUSB6"]
    assert scene.registry.newcomers() == [B]


def test_two_modems_with_one_imei_are_told_in_words(scene):
    scene.answers |= {"ttyUSB2": A, "ttyUSB6": A}
    scene.plug(ec25())
    scene.run()
    assert scene.scout.notices == ()
    twin = scene.plug(ec25(place="1-3", first=4))
    scene.run(LIST_EVERY_S)
    (notice,) = scene.scout.notices
    assert (notice.place, "même IMEI" in str(notice.sentence)) == ("1-3", True)
    scene.unplug(twin)
    scene.run(LIST_EVERY_S)
    assert scene.scout.notices == ()


def test_bridges_and_unknown_ports_are_never_touched(scene):
    scene.request("a", "auto")
    scene.plug(stick("1a86:7523", interface("00", "ff", "/dev/ttyUSB0"), place="1-1"))
    scene.plug(stick("2341:0043", interface("00", "01", "/dev/ttyACM0"), place="1-2"))
    for _ in range(20):
        scene.run(10)
    assert scene.asked == []


def test_a_bridge_that_a_section_names_is_asked(scene):
    scene.request("a", "ttyUSB*", A)
    scene.answers["ttyUSB0"] = A
    scene.plug(stick("1a86:7523", interface("00", "ff", "/dev/ttyUSB0")))
    scene.run()
    assert scene.names() == ["ttyUSB0"]
    assert scene.registry.take("a", scene.now) == str(scene.folder / "ttyUSB0")
    assert scene.registry.newcomers() == []


def test_of_a_stick_that_a_pattern_matches_only_the_at_port_is_asked(scene):
    scene.request("a", "ttyUSB*", A)
    scene.answers["ttyUSB2"] = A
    scene.plug(ec25())
    scene.run()
    assert scene.names() == ["ttyUSB2"]


def test_a_pattern_may_choose_the_port(scene):
    scene.request("a", "ttyUSB3*", A)
    scene.answers["ttyUSB3"] = A
    scene.plug(ec25())
    scene.run()
    assert scene.names() == ["ttyUSB3"]


def test_a_stick_whose_path_a_section_names_is_left_to_its_seat(scene):
    scene.request("a", "ttyUSB3")
    scene.request("b", "auto")
    scene.plug(ec25())
    scene.run()
    assert scene.asked == []
    assert scene.why("b")[0] == "absent"


def test_a_path_with_an_imei_is_asked_there_and_given_to_nobody_else(scene):
    scene.request("a", "ttyUSB3", B)
    scene.request("b", "auto")
    scene.answers["ttyUSB3"] = A
    scene.plug(ec25())
    scene.run()
    assert scene.names() == ["ttyUSB3"]
    assert "corrigez « imei »" in scene.why("a")[1]
    assert scene.why("b")[0] == "absent"
    assert scene.registry.newcomers() == []


def test_ports_that_are_on_no_bus_are_asked_when_a_pattern_fits(scene):
    scene.request("a", "sim-*", B)
    for name, imei in (("sim-1", A), ("sim-2", B)):
        present(scene.folder / name)
        scene.answers[name] = imei
    scene.run()
    assert scene.registry.take("a", scene.now) == str(scene.folder / "sim-2")


def test_the_second_port_is_tried_after_the_first_stayed_silent(scene):
    scene.plug(ec25())
    scene.answers["ttyUSB3"] = A
    for _ in range(5):
        scene.run(5)
    assert scene.names() == ["ttyUSB2", "ttyUSB2", "ttyUSB3"]


def test_a_modem_that_never_answers_is_asked_ever_less(scene):
    scene.request("a", "auto")
    scene.plug(ec25())
    scene.run()
    assert scene.why("a") == ("starting", "Le modem démarre.")
    for _ in range(240):
        scene.run(0.5)
    in_two_minutes = len(scene.asked)
    assert BOOTING_TRIES < in_two_minutes <= len(RETRIES_S)
    state, sentence = scene.why("a")
    assert state == "faulty"
    assert "ne répond pas" in sentence
    assert "Quectel EC25" in str(scene.scout.notices[0].sentence)
    assert {settle_s for _, settle_s in scene.asked} == {0.0}


def test_a_known_modem_that_never_answers_is_reset_a_few_times(scene, monkeypatch, tmp_path):
    reset = []
    monkeypatch.setattr(probing, "usb_place", lambda tty: UsbPlace(tmp_path, "2c7c:0125"))
    monkeypatch.setattr(probing, "reset_usb", reset.append)
    device = scene.plug(ec25())
    while not reset:
        scene.run(1)
    assert len(scene.asked) == len(RETRIES_S)
    assert scene.clock_s <= 80
    for _ in range(100):
        scene.run(60)
    assert len(reset) == RESETS
    scene.unplug(device)
    scene.answers["ttyUSB2"] = A
    device = scene.plug(ec25())
    scene.run()
    scene.unplug(device)
    del scene.answers["ttyUSB2"]
    scene.plug(ec25())
    for _ in range(len(RETRIES_S)):
        scene.run(60)
    assert len(reset) == RESETS + 1


def test_a_port_that_only_a_section_names_is_never_reset(scene, monkeypatch):
    monkeypatch.setattr(probing, "reset_usb", lambda place: 1 / 0)
    scene.request("a", "ttyUSB*", A)
    scene.plug(stick("1a86:7523", interface("00", "ff", "/dev/ttyUSB0")))
    for _ in range(40):
        scene.run(60)


def test_a_slow_booter_has_its_time(scene):
    scene.plug(stick("1546:1141", interface("00", "01", "/dev/ttyACM0")))
    scene.run()
    assert scene.asked == [("ttyACM0", 20.0)]


def test_a_port_that_another_program_holds_is_left_alone_and_told(scene, monkeypatch):
    monkeypatch.setattr(probing, "in_use_by", lambda path: "ModemManager (pid 812)")
    scene.request("a", "auto")
    scene.plug(ec25())
    scene.run()
    assert scene.asked == []
    assert scene.why("a") == (
        "faulty",
        "Le port est utilisé par ModemManager (pid 812). plp-alerte réessaie chaque minute.",
    )


def test_a_port_that_was_locked_meanwhile_is_told(scene):
    scene.answers["ttyUSB2"] = PortBusy("ttyUSB2", "gammu (pid 9)")
    scene.request("a", "auto")
    scene.plug(ec25())
    scene.run()
    assert "gammu (pid 9)" in scene.why("a")[1]


def test_a_port_that_a_seat_has_is_not_asked(scene):
    scene.request("a", "auto")
    scene.answers["ttyUSB2"] = A
    device = scene.plug(ec25())
    scene.run()
    scene.registry.take("a", scene.now)
    present(scene.folder / "ttyUSB2")  # its rights changed: the node looks new
    scene.run(LIST_EVERY_S)
    assert scene.names() == ["ttyUSB2"]
    scene.unplug(device)
    scene.registry.leave("a")
    scene.run()
    assert scene.why("a")[0] == "absent"


def test_a_stick_that_comes_again_is_asked_again(scene):
    scene.answers["ttyUSB2"] = A
    device = scene.plug(ec25())
    scene.run()
    scene.unplug(device)
    scene.run()
    scene.answers["ttyUSB2"] = B
    scene.plug(ec25(number=8))
    scene.run()
    assert scene.names() == ["ttyUSB2", "ttyUSB2"]
    assert scene.registry.newcomers() == [B]


def test_it_went_before_it_could_be_asked(scene):
    scene.answers["ttyUSB2"] = PortGone("ttyUSB2")
    scene.request("a", "auto")
    scene.plug(ec25())
    scene.run()
    assert scene.why("a") == ("starting", "Le modem démarre.")


def test_the_bus_is_listed_now_and_then(scene):
    scene.run()
    scene.bus.plugged.append(on_files(ec25(), scene.folder))
    scene.answers["ttyUSB2"] = A
    for _ in range(9):
        scene.run(0.5)
    assert (scene.bus.listed, scene.asked) == (1, [])
    scene.run(0.5)
    assert (scene.bus.listed, scene.names()) == (2, ["ttyUSB2"])


def test_what_cannot_be_used_is_noticed_and_looked_at_again_soon_while_it_may_be_switched(scene):
    cd_rom = scene.plug(stick("12d1:14fe", place="1-3"))
    scene.plug(stick("12d1:14dc", place="1-4", number=9))
    scene.run()
    assert [notice.place for notice in scene.scout.notices] == ["1-3", "1-4"]
    scene.bus.plugged.remove(cd_rom)
    scene.run(EVERY_S)
    assert [notice.place for notice in scene.scout.notices] == ["1-4"]


def test_the_seats_are_told_of_changes_and_of_nothing_else(scene):
    scene.answers["ttyUSB2"] = A
    scene.plug(ec25())
    scene.run()
    before = scene.changes
    assert before > 0
    for _ in range(20):
        scene.run(1)
    assert scene.changes == before


def test_a_modem_that_modemmanager_holds_is_asked_for_and_asked_again_soon(scene):
    taken = []
    scene.registry.inhibition = SimpleNamespace(take=lambda tty, busy: taken.append(os.path.basename(tty)) or True)
    scene.answers["ttyUSB2"] = PortBusy("ttyUSB2", "ModemManager (pid 812)")
    scene.plug(ec25())
    scene.run()
    scene.answers["ttyUSB2"] = A
    scene.run(EVERY_S)
    assert (taken, scene.registry.newcomers()) == (["ttyUSB2"], [A])


def test_a_modem_without_an_at_port_is_offered_to_modemmanager_until_a_section_says_so(scene):
    scene.plug(stick("0489:e0ff", interface("00", "00", usb_class="02", subclass="0e")))
    scene.run()
    (notice,) = scene.scout.notices
    assert "driver = modemmanager" in str(notice.sentence)
    scene.registry.add(PortRequest("a", "auto", None, managed=True))
    scene.run(LIST_EVERY_S)
    assert scene.scout.notices == ()
