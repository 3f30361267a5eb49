"""`plp modem accept`, `resume`, `suspend` and `restart`."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.journal.audit import entries
from db.modems import sims, status
from db.modems.commands import open_requests
from modem.doctor import gathering
from plp.cli.main import main
from tests.support.journal import copied

HOST = socket.gethostname()
IMEI, OLD, IMSI = "356938035643809", "206010000000099", "206010000000001"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeded: Path) -> Path:
    """A database with one modem of a daemon that runs."""
    monkeypatch.setenv("PLP_DEMO", "0")
    monkeypatch.setattr(gathering, "bus_verdicts", list)
    (tmp_path / "config.ini").write_text("[zone]\nname = X\n[modem:a]\ndevice = tty\nnumber = +32470000001\n")
    (tmp_path / "var").mkdir()
    copied(seeded, tmp_path / "var" / "plp.db")
    bind("sqlite:///var/plp.db", tmp_path)
    with connected():
        status.beat(HOST, "modem", 1, utc_now())
    plug()
    return tmp_path


def plug(state: str = "ready", host: str = HOST) -> None:
    with connected():
        row = {"device": "tty", "state": state, "sentence": "", "imei": IMEI, "imsi": IMSI}
        status.save_modem(host, "a", row, utc_now())


def plp(folder: Path, *arguments: str):
    return CliRunner().invoke(main, ["--config", str(folder / "config.ini"), "modem", *arguments])


def asked(host: str = HOST) -> list[tuple[str, str]]:
    with connected():
        return [(request.verb, request.reason) for request in open_requests(host, "a")]


def journal() -> list[tuple[str, str]]:
    with connected():
        return [(entry.action, entry.detail) for entry in entries() if entry.action.startswith(("modem_", "sim_"))]


def test_a_modem_is_suspended_with_a_reason_and_resumed(folder):
    assert plp(folder, "suspend", "a", "--reason", "antenne  en réparation").exit_code == 0
    assert asked() == [("suspend", "antenne en réparation")]
    again = plp(folder, "suspend", "a", "--reason", "encore une fois")
    assert (again.exit_code, again.stderr) == (1, "Action impossible : l'état du modem a ne le permet pas.\n")
    assert plp(folder, "resume", "a", "--reason", "réparée").exit_code == 0
    assert asked() == [("resume", "réparée")]
    told = journal()
    assert [action for action, _ in told] == ["modem_resume", "modem_suspend"]
    assert "antenne en réparation" in str(told[1])


def test_without_a_reason_nothing_is_suspended(folder):
    assert plp(folder, "suspend", "a").exit_code == 2
    assert "Motif trop court" in plp(folder, "suspend", "a", "--reason", " x ").stderr
    assert asked() == []


def test_a_modem_is_restarted_and_one_that_works_is_not_resumed(folder):
    assert plp(folder, "resume", "a").stderr == "Action impossible : l'état du modem a ne le permet pas.\n"
    assert plp(folder, "restart", f"{HOST}/a").exit_code == 0
    assert asked() == [("restart", "")]
    with connected():
        status.stop_beating(HOST, "modem", utc_now())
    assert "ne fonctionne pas" in plp(folder, "restart", "a").stderr


def test_a_name_that_several_modems_have_is_not_enough(folder):
    for host in ("mairie", "poste"):
        plug(host=host)
    assert plp(folder, "restart", "a").exit_code == 0  # of this machine
    assert asked("mairie") == []
    (folder / "config.ini").write_text("[zone]\nname = X\n[database]\nhost = ailleurs\n")
    refused = plp(folder, "restart", "a")
    assert refused.exit_code == 1
    assert "Modem inconnu : « a »." in refused.stderr
    assert "mairie/a, poste/a" in refused.stderr


def test_the_card_that_waits_is_shown_and_then_accepted(folder):
    assert "Aucune carte à autoriser" in plp(folder, "accept", "a", "--yes").stderr
    plug("quarantined")
    now = utc_now()
    with connected():
        sims.apply_seen(HOST, "a", IMEI, OLD, None, now - timedelta(days=3))
        sims.apply_seen(HOST, "a", IMEI, IMSI, None, now)
    shown = plp(folder, "accept", "a")
    assert (shown.exit_code, "20•••••0001" in shown.stdout) == (2, True)
    assert IMSI not in shown.stdout
    assert plp(folder, "accept", "a", "--yes").exit_code == 0
    with connected():
        assert sims.accepted_since(IMEI, IMSI)
        assert status.modem_cards(utc_now())[0].state == "starting"
