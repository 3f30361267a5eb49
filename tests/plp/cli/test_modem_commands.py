"""`plp modem doctor`, `record` and `selftest` at the command line; in a process of their own only end to end."""

import json
import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import alone, bind, connected
from db.modems import commands, status
from db.operations.installation import Installation
from modem.doctor import gathering, transcript
from modem.sim.identity import Identity
from plp.cli.main import main
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.simulator.script import Script
from tests.support.journal import copied
from tests.support.simulator import RunningHost


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeded: Path) -> Path:
    """With a configuration of one modem at tmp_path/tty, a database, and nothing on the bus."""
    monkeypatch.setenv("PLP_DEMO", "0")
    monkeypatch.setattr(gathering, "bus_verdicts", list)
    monkeypatch.setattr("modem.doctor.gathering.bus_verdicts", list)
    monkeypatch.setattr(transcript, "DAEMON_PATIENCE_S", 0.01)
    (tmp_path / "config.ini").write_text("[zone]\nname = X\n[modem:a]\ndevice = tty\n")
    (tmp_path / "var").mkdir()
    copied(seeded, tmp_path / "var/plp.db")
    bind("sqlite:///var/plp.db", tmp_path)
    return tmp_path


def plp(folder: Path, *arguments: str):
    return CliRunner().invoke(main, ["--config", str(folder / "config.ini"), *arguments])


class Plugged:
    """A simulated modem at the folder's tty, for as long as the block."""

    def __init__(self, folder: Path, profile: str = "default", script: Script | None = None, **world: object) -> None:
        self.identity = Identity.derive(0, folder / "tty")
        self.network = Network()
        kind = script.profile() if script else PROFILES[profile]
        self.phone = Phone(self.identity, self.network, kind, **world)
        self.host = RunningHost(SimModem(self.phone, script=script), folder / "tty")

    def __enter__(self) -> "Plugged":
        self.host.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.host.__exit__(*error)


@pytest.mark.sqlite
def test_a_second_daemon_is_refused_by_its_process_id(folder):
    path = folder / "config.ini"
    with alone("modem", Installation(path).settings(), database.obj):
        shown = plp(folder, "modem")
    assert shown.exit_code != 0
    assert f"est déjà en marche avec cette base (pid {os.getpid()})" in shown.output


def test_the_doctor_without_a_modem(folder):
    shown = plp(folder, "modem", "doctor")
    assert shown.exit_code == 1
    assert (
        shown.stdout.splitlines()[0]
        == "Problèmes détectés : 2 erreurs. Pas prêt : le service des modems ne fonctionne pas."
    )
    assert f"modem a : {folder / 'tty'} n'existe pas" in shown.stdout
    assert "À faire : Branchez-le" in shown.stdout


def test_the_doctor_at_a_modem_that_is_well(folder):
    with Plugged(folder):
        shown = plp(folder, "modem", "doctor", "--json")
    told = json.loads(shown.stdout)
    assert shown.exit_code == 1
    assert told["modems"] == ["a"]
    assert [(f["severity"], f["modem"]) for f in told["findings"]] == [("fault", None), ("note", "a")]
    assert set(told["findings"][0]) == {"severity", "modem", "title", "meaning", "advice"}


def test_the_doctor_is_content_where_the_daemon_is(folder):
    with connected():
        status.beat(socket.gethostname(), "modem", 1, utc_now())
        row = {"device": "tty", "state": "ready", "sentence": "", "simulated": True, "model": "SIMULATION SimModem"}
        status.save_modem(socket.gethostname(), "a", row, utc_now())
    shown = plp(folder, "modem", "doctor")
    assert shown.exit_code == 0
    assert (
        shown.stdout.splitlines()[0]
        == "Aucun problème : a (simulation : aucun SMS n'est réellement envoyé) ; 1 remarque."
    )


def test_modems_of_two_hosts_are_listed_with_their_host(folder):
    with connected():
        for host in ("box", "mairie"):
            status.beat(host, "modem", 1, utc_now())
            status.save_modem(host, "a", {"device": "tty", "state": "ready"}, utc_now())
    listed = json.loads(plp(folder, "modem", "list", "--json").stdout)
    assert [row["host"] for row in listed] == ["box", "mairie"]
    assert all(row["imsi"] is None or "•••••" in row["imsi"] for row in listed)
    shown = plp(folder, "modem", "list").stdout
    assert "a (box)" in shown
    assert "a (mairie)" in shown


def test_the_doctor_of_something_else(folder):
    refused = plp(folder, "modem", "doctor", "b")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "ni un modem (a)" in refused.stderr


def test_a_recording_of_the_daemons_modem(folder):
    with connected():
        now = utc_now()
        status.beat("box", "modem", 1, now)
        row = {"device": "tty", "state": "ready", "sentence": "", "model": "huawei E173", "technology": "3G"}
        status.save_modem("box", "a", row, now)
    refused = plp(folder, "modem", "record", "a", str(folder / "r.txt"))
    assert (refused.exit_code, (folder / "r.txt").exists()) == (1, False)
    assert "rien échangé" in refused.stderr
    with connected():
        commands.save_transcript("box", "a", "> AT\n< OK\n", now)
    assert plp(folder, "modem", "record", "a", str(folder / "r.txt")).exit_code == 0
    assert (folder / "r.txt").read_text().endswith("> AT\n< OK\n")
    assert "model: huawei E173" in (folder / "r.txt").read_text()


def test_a_modem_of_modemmanagers_has_no_recording(folder):
    with connected():
        status.beat("box", "modem", 1, utc_now())
        status.save_modem("box", "a", {"device": "auto", "state": "ready", "sentence": "", "lacks": "at"}, utc_now())
    refused = plp(folder, "modem", "record", "a", str(folder / "r.txt"))
    assert refused.exit_code == 1
    assert "ModemManager : il n'a pas de relevé AT" in refused.stderr


@pytest.mark.parametrize(("name", "file", "words"), [("a", "r.txt", "Aucun service"), ("b", "r.txt", "Aucun service")])
def test_what_cannot_be_recorded(folder, name, file, words):
    refused = plp(folder, "modem", "record", name, str(folder / file))
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert words in refused.stderr


def test_a_file_that_cannot_be_written(folder):
    with connected():
        status.beat("box", "modem", 1, utc_now())
        status.save_modem("box", "a", {"device": "tty", "state": "ready", "sentence": ""}, utc_now())
        commands.save_transcript("box", "a", "> AT\n< OK\n", utc_now())
    refused = plp(folder, "modem", "record", "a", str(folder / "none" / "r.txt"))
    assert refused.exit_code == 1
    assert "Impossible d'écrire" in refused.stderr


def test_a_report_to_send_in_says_what_the_modem_did_and_names_nobody(folder):
    now = utc_now()
    with connected():
        row = {"device": "tty", "state": "ready", "model": "Quectel EC25", "technology": "4G", "operator": "Proximus"}
        row |= {"imei": "356938035643809", "imsi": "206010000000001", "iccid": "8932010000000000001", "signal_dbm": -79}
        status.beat("box", "modem", 1, now)
        status.save_modem("box", "a", row | {"lacks": "smsc", "label": "Bureau de Marie"}, now)
        script = "> AT+CGMR\n# 12:00:00.001\n< EC25EFAR06A06M4G\n> AT+CIMI\n< 206010000000001\n"
        commands.save_transcript("box", "a", script, now)
    said = plp(folder, "modem", "report", "a").stdout
    today = f"{now:%Y-%m-%d}"
    assert said.startswith(
        f"| Quectel EC25 | EC25EFAR06A06M4G | Proximus, 4G | {today} | 0 sent (none sent yet), repor"
    )
    assert "lacks: smsc\n" in said
    assert not any(secret in said for secret in ("356938035643809", "206010000000001", "89320100", "Marie", "+32"))
    unknown = plp(folder, "modem", "report", "zzz")
    assert (unknown.exit_code, "n'a encore rien dit de lui" in unknown.stderr) == (1, True)
