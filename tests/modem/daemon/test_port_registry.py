"""Who sits where: no tty twice, no stick on two seats, and the same modem wherever it is plugged in."""

from datetime import timedelta

import pytest

from modem.daemon.ports.registry import GRACE, PortRegistry, SeenPort
from modem.daemon.ports.requests import PortRequest, port_key
from modem.daemon.ports.targets import Target
from modem.daemon.records.status import NoPort
from modem.errors import PortGone
from rules.numbers import half_masked
from tests.modem.daemon.ports import present

A, B, C = "350000000000017", "350000000000025", "350000000000033"


class Hall:
    """A registry, and ports that are files."""

    def __init__(self, folder, now, *requests, **remembered):
        self.folder, self.now = folder, now
        self.registry = PortRegistry(remembered)
        for request in requests:
            self.registry.add(request)
        self.ports = {}

    def path(self, name):
        return str(self.folder / name)

    def plug(self, name, imei=None, *fits, **more):
        """A port that the probe saw."""
        key = port_key(present(self.folder / name))
        where = {name: more.pop(name) for name in ("place", "on_bus") if name in more}
        self.ports[name] = SeenPort(key, Target((key,), fits=frozenset(fits), **where), imei, **more)
        self.registry.saw(list(self.ports.values()), [])

    def unplug(self, name):
        (self.folder / name).unlink()
        self.ports.pop(name, None)
        self.registry.saw(list(self.ports.values()), [])

    def take(self, seat, later=timedelta()):
        return self.registry.take(seat, self.now + later)

    def sit(self, seat, imei):
        path = self.take(seat)
        self.registry.met(seat, imei)
        return path

    def why(self, seat, later=timedelta()):
        """Why a seat gets no port: state and sentence."""
        with pytest.raises(NoPort) as refused:
            self.take(seat, later)
        return refused.value.standing[0], str(refused.value.standing[1])


@pytest.fixture
def hall(tmp_path, now):
    return lambda *requests, **remembered: Hall(tmp_path, now, *requests, **remembered)


def auto(name, imei=None):
    return PortRequest(name, "auto", imei)


def at(name, folder, tty, imei=None):
    return PortRequest(name, str(folder / tty), imei)


def test_what_modemmanager_has_is_no_port_of_ours(hall):
    seats = hall(PortRequest("a", "auto", None, managed=True), PortRequest("b", "/dev/cdc-wdm0", A, managed=True))
    assert [seats.take(seat) for seat in "ab"] == ["auto", A]
    assert seats.registry.taken() == frozenset()
    seats.registry.met("a", A)
    with pytest.raises(NoPort, match="même modem que « a »"):
        seats.registry.met("b", A)
    seats.registry.leave("a")
    seats.registry.met("b", A)


# -- a section with a path ----------------------------------------------------------------------------------------


def test_a_path_is_there_when_it_exists(hall, tmp_path):
    seats = hall(at("a", tmp_path, "x"))
    with pytest.raises(PortGone) as gone:
        seats.take("a")
    assert not isinstance(gone.value, NoPort)
    present(tmp_path / "x")
    assert seats.sit("a", A) == seats.path("x")
    assert seats.take("a") == seats.path("x")


def test_two_links_to_one_tty_are_told(hall, tmp_path):
    present(tmp_path / "tty")
    for link in ("one", "two"):
        (tmp_path / link).symlink_to(tmp_path / "tty")
    seats = hall(at("a", tmp_path, "one"), at("b", tmp_path, "two"))
    seats.take("a")
    state, sentence = seats.why("b")
    assert state == "faulty"
    assert "déjà celui du modem « a »" in sentence
    seats.registry.leave("a")
    assert seats.take("b") == seats.path("two")


def test_a_path_to_what_another_seat_found_is_told(hall, tmp_path):
    seats = hall(auto("a", A), at("b", tmp_path, "usb0"))
    seats.plug("usb0", A, on_bus=True)
    seats.take("a")
    assert "« a »" in seats.why("b")[1]


def test_two_ttys_of_one_stick_are_told_once_and_not_opened_again_and_again(hall, tmp_path):
    for tty in ("usb2", "usb3"):
        present(tmp_path / tty)
    seats = hall(at("a", tmp_path, "usb2"), at("b", tmp_path, "usb3"))
    seats.sit("a", A)
    with pytest.raises(NoPort, match="même modem que « a »"):
        seats.sit("b", A)
    seats.registry.leave("b")
    assert "même modem que « a »" in seats.why("b")[1]
    seats.registry.leave("a")  # a reset: it comes back
    assert "même modem que « a »" in seats.why("b")[1]
    (tmp_path / "usb2").unlink()
    assert seats.sit("b", A) == seats.path("usb3")


def test_sticks_that_changed_places_are_no_doubles(hall, tmp_path):
    for tty in ("x", "y"):
        present(tmp_path / tty)
    seats = hall(at("a", tmp_path, "x"), at("b", tmp_path, "y"), a=A, b=B)
    seats.take("a")
    seats.sit("b", A)
    seats.registry.met("a", B)


def test_the_imei_of_a_path_must_be_the_one(hall, tmp_path):
    seats = hall(at("a", tmp_path, "x", A))
    seats.plug("x", None, "a")
    assert seats.why("a") == ("starting", "Le modem démarre.")
    seats.plug("x", B, "a")
    state, sentence = seats.why("a")
    assert state == "faulty"
    assert [part for part in (seats.path("x"), half_masked(A), half_masked(B)) if part not in sentence] == []
    seats.plug("x", A, "a")
    assert seats.take("a") == seats.path("x")


def test_a_silent_path_is_given_to_its_seat_which_knows_what_helps(hall, tmp_path):
    seats = hall(at("a", tmp_path, "x", A))
    seats.plug("x", None, "a", trouble=("faulty", "Il ne répond pas."), silent=True)
    assert seats.take("a") == seats.path("x")


def test_a_held_path_is_told_by_its_holder(hall, tmp_path):
    seats = hall(at("a", tmp_path, "x", A))
    seats.plug(
        "x", None, "a", trouble=("faulty", "Le port est utilisé par ModemManager (pid 812) : arrêtez ce programme.")
    )
    assert seats.why("a")[1] == "Le port est utilisé par ModemManager (pid 812) : arrêtez ce programme."


def test_another_modem_than_the_scout_saw_is_believed_to_the_seat(hall, tmp_path):
    seats = hall(at("a", tmp_path, "x", A))
    seats.plug("x", A, "a")
    with pytest.raises(NoPort, match=half_masked(B)):
        seats.sit("a", B)
    seats.registry.leave("a")
    assert half_masked(B) in seats.why("a")[1]


def test_no_sentence_about_a_modem_names_a_whole_imei(hall, tmp_path):
    """These sentences stand on every page, and go out by mail and SMS."""
    seats = hall(at("a", tmp_path, "x", A), auto("b", C))
    seats.plug("x", B, "a")
    told = seats.why("a")[1] + seats.why("b")[1]
    assert "l'IMEI 35•••••0025 et non 35•••••0017" in told
    assert "d'IMEI 35•••••0033 n'est pas" in told
    assert not any(imei in told for imei in (A, B, C))


# -- sections that choose -----------------------------------------------------------------------------------------


def test_the_imei_chooses_wherever_the_modem_is(hall):
    seats = hall(auto("a", A), auto("b", B))
    seats.plug("usb0", B, on_bus=True)
    seats.plug("usb4", A, on_bus=True)
    assert (seats.sit("a", A), seats.sit("b", B)) == (seats.path("usb4"), seats.path("usb0"))
    seats.unplug("usb4")
    assert seats.why("a") == ("absent", "Le modem d'IMEI 35•••••0017 n'est pas branché : branchez-le.")
    seats.plug("usb8", A, on_bus=True)
    assert seats.take("a") == seats.path("usb8")


def test_a_pattern_takes_only_what_fits(hall, tmp_path):
    seats = hall(PortRequest("a", str(tmp_path / "by-id*"), A), auto("b", A))
    seats.plug("usb0", A, "a")
    with pytest.raises(NoPort):
        seats.take("b")
    assert seats.take("a") == seats.path("usb0")


def test_seats_without_an_imei_keep_the_modem_they_had(hall):
    seats = hall(auto("a"), auto("b"), a=A, b=B)
    seats.plug("usb0", B, on_bus=True)
    seats.plug("usb4", A, on_bus=True)
    assert (seats.take("a"), seats.take("b")) == (seats.path("usb4"), seats.path("usb0"))


def test_a_seat_waits_for_its_own_modem_and_then_takes_a_free_one(hall):
    seats = hall(auto("a"), auto("b"), a=A, b=B)
    seats.plug("usb0", B, on_bus=True)
    seats.plug("usb4", C, on_bus=True)
    assert seats.why("a")[0] == "absent"
    assert seats.why("a", GRACE - timedelta(seconds=1))[0] == "absent"
    assert seats.take("a", GRACE) == seats.path("usb4")
    assert seats.take("b", GRACE) == seats.path("usb0")


def test_new_seats_take_free_modems_each_another(hall):
    seats = hall(auto("a"), auto("b"), auto("c", C))
    seats.plug("usb0", C, on_bus=True)
    seats.plug("usb4", A, on_bus=True)
    seats.plug("usb8", B, on_bus=True)
    assert {seats.sit("a", A), seats.sit("b", B)} == {seats.path("usb4"), seats.path("usb8")}


def test_a_stick_that_went_silent_is_given_to_the_seat_that_had_it(hall):
    """After a reset of its USB device it comes back as another tty and says nothing: the ladder goes on."""
    seats = hall(auto("a", A), auto("b", B))
    seats.plug("usb0", A, on_bus=True, place="/sys/1-1")
    seats.sit("a", A)
    seats.unplug("usb0")
    seats.registry.leave("a")
    seats.plug("usb4", None, on_bus=True, place="/sys/1-1", trouble=("faulty", "Il ne répond pas."), silent=True)
    assert seats.why("b") == ("faulty", "Il ne répond pas.")
    assert seats.take("a") == seats.path("usb4")


def test_what_cannot_be_used_is_told_where_a_modem_is_missed(hall):
    seats = hall(auto("a"))
    seats.registry.saw([], ["Une clé HiLink est branchée."])
    assert seats.why("a") == ("absent", "Aucun modem connu n'est libre : branchez-en un. Une clé HiLink est branchée.")


def test_until_it_said_who_it_is_a_modem_starts(hall):
    seats = hall(auto("a", A))
    seats.plug("usb0", None, on_bus=True)
    assert seats.why("a") == ("starting", "Le modem démarre.")


def test_newcomers_are_known_modems_without_a_seat(hall):
    seats = hall(auto("m0017", A))
    seats.plug("usb0", A, on_bus=True)
    seats.plug("usb4", B, on_bus=True)
    seats.plug("pts", C)
    assert seats.registry.newcomers() == [B]


def test_a_tty_that_came_again_before_the_scout_looked_is_not_taken_for_the_one_before(hall, tmp_path):
    seats = hall(auto("a", A))
    seats.plug("usb0", A, on_bus=True)
    present(tmp_path / "usb0")
    assert seats.why("a")[0] == "absent"


def test_a_tty_that_came_again_is_taken_anew(hall, tmp_path):
    seats = hall(auto("a", A))
    seats.plug("usb0", A, on_bus=True)
    seats.take("a")
    seats.plug("usb0", B, on_bus=True)
    assert seats.why("a")[0] == "absent"
