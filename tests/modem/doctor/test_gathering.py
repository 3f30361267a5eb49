"""Where the doctor's facts come from: the daemon's rows and transcripts, or the modem itself."""

import socket
from datetime import timedelta

import pytest

from db.engine import schema
from db.engine.clock import utc_now
from db.engine.connection import bind
from db.models.modem_records import InboundMessage
from db.modems import commands, signal_history, status
from db.operations.installation import Installation
from modem.doctor import gathering
from modem.doctor.gathering import gather
from modem.doctor.report import diagnose, report_lines
from modem.errors import PortBusy, PortError
from modem.sim.identity import Identity
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.support.journal import copied
from tests.support.simulator import RunningHost

HOST = socket.gethostname()
IMSI = "206010000000001"
NOT_SET_UP = ["Le service des modems ne fonctionne pas", "Modem non examiné"]


@pytest.fixture
def house(tmp_path, monkeypatch, seeded):
    """`house("[modem:a]…")` → with an up-to-date database, on a machine where nothing is plugged in."""
    monkeypatch.setattr(gathering, "bus_verdicts", list)

    def make(sections: str = "", migrate: bool = True) -> Installation:
        (tmp_path / "config.ini").write_text(f"[zone]\nname = X\n{sections}")
        if migrate:
            (tmp_path / "var").mkdir(exist_ok=True)
            copied(seeded, tmp_path / "var/plp.db")
            bind("sqlite:///var/plp.db", tmp_path)
        return Installation(tmp_path / "config.ini")

    return make


@pytest.fixture
def machine(tmp_path):
    return tmp_path


@pytest.fixture
def plugged(tmp_path):
    """`plugged(profile, **phone)` → a simulated modem at tmp_path/tty."""
    hosts = []

    def plug(profile="default", **phone):
        world = Phone(Identity.derive("doctor"), Network(), PROFILES[profile], **phone)
        host = RunningHost(SimModem(world), tmp_path / "tty")
        host.__enter__()
        hosts.append(host)
        return world

    yield plug
    for host in hosts:
        host.__exit__()


def test_a_modem_that_no_daemon_has_is_asked_who_it_is(house, machine, plugged):
    world = plugged()
    facts = gather(house("[modem:a]\ndevice = tty\nnumber = +32470000001\n"), None, machine)
    (modem,) = facts.modems
    assert not facts.box.daemon
    assert (modem.error, modem.answered, modem.imei) == (None, False, world.identity.imei)
    assert [str(finding.title) for finding in diagnose(facts)] == NOT_SET_UP


def test_a_port_that_another_program_has_is_left_alone(house, machine, plugged, monkeypatch):
    plugged()
    monkeypatch.setattr(gathering, "in_use_by", lambda path: "minicom (pid 8)")
    monkeypatch.setattr(gathering, "introduction", lambda *_: pytest.fail("the modem was opened"))
    (modem,) = gather(house("[modem:a]\ndevice = tty\n"), None, machine).modems
    assert modem.error.holder == "minicom (pid 8)"


def test_a_modem_of_modemmanagers_is_its_daemons(house, machine, monkeypatch):
    monkeypatch.setattr(gathering, "introduction", lambda *_: pytest.fail("a port was opened"))
    section = "[modem:a]\ndevice = /dev/cdc-wdm0\ndriver = modemmanager\nnumber = +32470000001\n"
    facts = gather(house(section), None, machine)
    assert not facts.modems[0].answered
    assert [str(finding.title) for finding in diagnose(facts)] == NOT_SET_UP


def test_a_daemons_modem_is_left_alone(house, machine, plugged, monkeypatch):
    plugged()
    made = house("[modem:a]\ndevice = tty\n[sending]\nduty_phone = +32470000001\n")
    monkeypatch.setattr(gathering, "introduction", lambda *_: pytest.fail("the modem was opened"))
    now = utc_now()
    with made.open_database():
        status.beat(HOST, "modem", 1, now)
        row = {"device": "tty", "state": "ready", "sentence": "", "model": "Quectel EC25", "technology": "2G"}
        row |= {"imsi": IMSI, "signal_dbm": -109, "lacks": "reports smsc"}
        status.save_modem(HOST, "a", row, now)
        status.save_modem("elsewhere", "b", row, now)
        status.save_modem(HOST, "usb-1-1", row | {"state": "faulty"}, now)
        signal_history.apply_storages(HOST, "a", [("SM", 19, 20)], now)
        for minutes in (9, 8, 30):
            text = {"imsi": IMSI, "sender": "+32470000009", "text": "x", "received_at": now - timedelta(hours=1)}
            InboundMessage.create(**text, sent_at=now - timedelta(hours=1, minutes=minutes))
    facts = gather(made, None, machine)
    (modem,) = facts.modems
    assert (modem.name, modem.standing.state) == ("a", "ready")
    with made.open_database():
        assert commands.open_requests(HOST) == []
    assert [str(finding.title) for finding in diagnose(facts)] == [
        "Centre de SMS absent de la carte SIM",
        "Réception faible (-109 dBm)",
        "Le modem ne transmet pas les accusés de réception",
        "La mémoire SM est presque pleine (19 sur 20)",
        "L'horloge du serveur avance de 8 min",
        "Ce modem 4G fonctionne en 2G",
    ]


@pytest.mark.parametrize(
    ("why", "title"), [("denied", "Le réseau refuse"), ("searching", "ne trouve"), ("", "n'est connecté")]
)
def test_the_daemon_told_why_there_is_no_network(house, machine, why, title):
    made = house("[modem:a]\ndevice = tty\nnumber = +32470000001\n")
    with made.open_database():
        status.beat(HOST, "modem", 1, utc_now())
        row = {"device": "tty", "state": "not_registered", "sentence": "", "unregistered": why}
        status.save_modem(HOST, "a", row, utc_now())
    (finding,) = diagnose(gather(made, None, machine))
    assert title in str(finding.title)


@pytest.mark.parametrize(
    ("delays_s", "ahead_s"),
    [((), None), ((-600, 7200), -600), ((7200, 900), None), ((900, 7200, 3600), 900), ((1, -600, 2), -600)],
)
def test_texts_tell_the_time(delays_s, ahead_s):
    ahead = gathering._ahead([timedelta(seconds=delay) for delay in delays_s])
    assert ahead == (None if ahead_s is None else timedelta(seconds=ahead_s))


def test_a_port_that_the_daemon_does_not_have_is_asked_on_request(house, machine, plugged, tmp_path):
    plugged()
    made = house("[modem:a]\ndevice = other\n")
    with made.open_database():
        status.beat(HOST, "modem", 1, utc_now())
        status.save_modem(HOST, "a", {"device": "other", "state": "absent", "sentence": "…"}, utc_now())
    facts = gather(made, str(tmp_path / "tty"), machine)
    (note,) = diagnose(facts)
    assert str(note.title) == "Modem non examiné"
    first = next(report_lines(facts, [note]))
    assert first == f"Aucun modem examiné : {note.modem} ; 1 remarque."
    (modem,) = gather(made, "a", machine).modems
    assert modem.standing.state == "absent"


@pytest.mark.parametrize(("migrate", "state"), [(False, "missing"), (True, "current")])
def test_the_database(house, machine, migrate, state):
    assert gather(house(migrate=migrate), None, machine).box.database == state


def test_an_older_and_a_newer_database(house, machine, monkeypatch):
    made = house()
    with monkeypatch.context() as program_of_before:
        program_of_before.setattr(schema, "MIGRATIONS", made.config.parent)
        assert gather(made, None, machine).box.database == "newer"
    with made.open_database() as database:
        (history,) = [table for table in database.get_tables() if "migration" in table]
        database.execute_sql(f"DELETE FROM {history} WHERE name LIKE 'start-%'")
    assert gather(made, None, machine).box.database == "older"


def test_a_database_that_is_away(house, machine, monkeypatch):
    made = house()

    def away(*_):
        raise gathering.UNAVAILABLE[0]

    monkeypatch.setattr(schema, "require_current", away)
    assert gather(made, None, machine).box.database == "away"


def test_a_damaged_file_is_no_server_that_is_away(house, machine):
    made = house()
    with made.open_database():
        pass
    (made.config.parent / "var/plp.db").write_bytes(b"nonsense" * 4096)
    facts = gather(made, None, machine)
    (found,) = [finding for finding in diagnose(facts) if finding.title.code.startswith("database")]
    assert "son fichier est endommagé" in str(found.meaning)
    assert "restaurez la dernière sauvegarde" in str(found.advice)


def test_a_port_that_the_service_of_another_user_holds_is_not_taken_from_it(house, machine, monkeypatch, tmp_path):
    def busy(_path):
        raise PortBusy("tty")

    (tmp_path / "tty").write_text("")
    monkeypatch.setattr(gathering, "in_use_by", lambda _path: None)
    monkeypatch.setattr(gathering, "introduction", busy)
    monkeypatch.setattr(gathering, "own_service", lambda: "plp-modem (pid 7)")
    found = diagnose(gather(house("[modem:a]\ndevice = tty\n"), None, machine))
    assert any("est utilisé par plp-modem (pid 7)" in str(finding.title) for finding in found)
    assert not any("Arrêtez ce programme" in str(finding.advice) for finding in found)


def test_no_pin_is_entered_by_the_doctor(house, machine, plugged, tmp_path):
    world = plugged(sim="SIM PIN", pin="1234")
    (tmp_path / "pin").write_text("1234")
    (modem,) = gather(house("[modem:a]\ndevice = tty\npin_file = pin\n"), None, machine).modems
    assert modem.error is None
    assert modem.pin_file == "exposed"
    assert world.sim_state == "SIM PIN"


def test_what_cannot_be_a_modem_is_told_and_left_as_it_is(house, machine, tmp_path):
    (tmp_path / "tty").write_text("")
    (modem,) = gather(house("[modem:a]\ndevice = tty\n"), None, machine).modems
    assert (type(modem.error), modem.answered) == (PortError, False)
    assert (tmp_path / "tty").read_text() == ""
    (modem,) = gather(house("[modem:a]\ndevice = auto\n"), None, machine).modems
    assert modem.standing.state == "absent"


def test_the_bus_of_this_machine_can_be_looked_at():
    assert isinstance(gathering.bus_verdicts(), list)
