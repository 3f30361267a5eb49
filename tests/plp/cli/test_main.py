"""The front door: every command has help, refusals are one line and status 1, wrong usage is 2, JSON is alone."""

import json
import logging
import os
import re
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from base.settings.reading import load_settings
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.models.incidents import DiskDay
from db.operations.incidents import open_incident
from db.operations.machine import note_time
from plp.cli.checking import _LOOKS
from plp.cli.main import main
from rules.sentences import coded

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[3]

COMMANDS = [
    "run",
    "console",
    "modem",
    "modem list",
    "modem accept",
    "modem doctor",
    "modem restart",
    "modem resume",
    "modem selftest",
    "modem suspend",
    "modem record",
    "modem report",
    "jobs",
    "plan-b",
    "audit verify",
    "audit new-key",
    "setup",
    "backup",
    "backup-key",
    "restore",
    "move",
    "join",
    "migrate",
    "roles",
    "check",
    "user add",
    "user reset",
    "user list",
    "user disable",
    "user enable",
    "token add",
    "token list",
    "token revoke",
    "member import",
    "member list",
    "broadcast send",
    "broadcast list",
    "broadcast show",
    "broadcast cancel",
    "broadcast resend",
    "broadcast release",
    "broadcast pause",
    "broadcast resume",
    "broadcast correct",
    "broadcast end",
    "certificate",
    "certificate new",
    "certificate take",
    "certificate show",
]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLP_DEMO", "0")
    path = tmp_path / "config.ini"
    path.write_text("[zone]\nname = Zone d'essai\n")
    return path


def plp(config: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *arguments], input=stdin)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_stands_in_the_readme(command: str) -> None:
    shown = CliRunner().invoke(main, [*command.split(), "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) > 3
    readme = (ROOT / "README.md").read_text()
    group, _, verb = command.partition(" ")
    assert re.search(rf"`plp {group}\b[^`]*\b{verb}\b", readme), command


def test_no_command_is_missing_here() -> None:
    found = []
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group) and not command.invoke_without_command:
            found += [f"{name} {sub}" for sub in command.commands]
        else:
            found += [name, *(f"{name} {sub}" for sub in getattr(command, "commands", {}))]
    assert sorted(found) == sorted(COMMANDS)


def test_a_broken_configuration_is_one_line_with_its_place(config: Path) -> None:
    config.write_text("[sending]\nundo_second = 3\n")
    refused = plp(config, "migrate")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert f"{config}, ligne 2 : [sending] undo_second" in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_pipe_or_a_device_is_no_configuration_and_is_not_waited_for(tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        arguments = [sys.executable, "-m", "plp", "--config", str(path), command]
        refused = subprocess.run(arguments, capture_output=True, text=True, timeout=35, check=False)
        assert refused.returncode == 1
        assert f"{path} n'est pas un fichier" in refused.stdout + refused.stderr


def test_without_a_database_it_says_what_to_do(config: Path) -> None:
    refused = plp(config, "member", "list")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "plp migrate" in refused.stderr


def test_wrong_usage_is_status_2(config: Path) -> None:
    for arguments in (["nonsense"], ["user", "add"], ["broadcast", "show", "one"], ["--nonsense"]):
        assert plp(config, *arguments).exit_code == 2


@pytest.mark.slow
def test_people_tokens_and_members(config: Path, tmp_path: Path) -> None:
    assert plp(config, "migrate").exit_code == 0
    assert plp(config, "migrate").exit_code == 0
    added = plp(
        config, "user", "add", "Dominique", "--role", "admin", "--password-stdin", stdin="correct horse battery\n"
    )
    assert (added.exit_code, added.stdout) == (0, "")
    linked = plp(config, "user", "add", "Claude", "--role", "officer")
    assert linked.stdout.startswith("http://127.0.0.1:8080/setup/")
    assert plp(config, "user", "reset", "Dominique").stdout.startswith("http://127.0.0.1:8080/setup/")
    unknown = plp(config, "user", "add", "X", "--role", "chef")
    assert (unknown.exit_code, "Rôle inconnu : chef" in unknown.stderr) == (1, True)

    token = json.loads(plp(config, "token", "add", "scripts", "--role", "officer", "--json").stdout)["token"]
    assert token.startswith("plp_")
    assert plp(config, "token", "add", "scripts", "--role", "officer").exit_code == 1

    file = tmp_path / "m.csv"
    file.write_text("prénom;nom;gsm;quartier\nAnne;L;0470 00 00 01;Ehein\nLuc;D;101;Ehein\n", encoding="utf-8")
    dry = json.loads(plp(config, "member", "import", str(file), "--dry-run", "--json").stdout)
    report = json.loads(plp(config, "member", "import", str(file), "--json").stdout)
    assert dry == report
    assert (report["read"], report["added"], report["updated"]) == (2, 1, 0)
    assert [row["line"] for row in report["refused"]] == [3]
    listed = json.loads(plp(config, "member", "list", "--neighbourhood", "Ehein", "--json").stdout)
    assert [row["mobile"] for row in listed] == ["+32470000001"]
    assert plp(config, "member", "list", "--neighbourhood", "Nulle part").exit_code == 1
    assert plp(config, "member", "import", str(tmp_path / "none.csv")).exit_code == 1
    assert json.loads(plp(config, "modem", "list", "--json").stdout) == []


@pytest.mark.slow
def test_check_says_one_line_each(config: Path) -> None:
    plp(config, "migrate")
    checked = plp(config, "check")
    assert checked.exit_code == 1
    assert {line.split()[0] for line in checked.stdout.splitlines()} == {"ok", "!", "NON"}
    subjects = [line[6:].partition(" : ")[0] for line in checked.stdout.splitlines()]
    assert list(dict.fromkeys(subjects)) == list(_LOOKS)
    (config.parent / "var" / "journal.key").chmod(0o644)
    assert "journal.key est de mode 0644" in plp(config, "check").stdout


def test_check_tells_of_a_clock_that_is_behind_and_of_a_disk_that_fills(config: Path) -> None:
    config.write_text("[zone]\nname = X\n[database]\nhost = box\n")
    assert "disque, horloge, mise en service : non vérifié" in plp(config, "check").stdout  # no database yet
    plp(config, "migrate")
    said = plp(config, "check").stdout
    assert re.search(r"ok    disque : [\d.]+ Go libres sur [\d.]+ Go\. .* \(0 jours sur 7\)", said)
    assert "ok    horloge : " in said
    bind("sqlite:///var/plp.db", config.parent)
    now = utc_now()
    with connected():
        note_time(now + timedelta(days=30))
        for number in range(8):
            day = now - timedelta(days=7 - number)
            free = (15 - 2 * number) * 1024**3
            DiskDay.create(host="box", day=f"{day:%Y-%m-%d}", measured_at=day, total_bytes=free, free_bytes=free)
    said = plp(config, "check").stdout
    assert "NON   horloge : L'horloge du serveur box retarde" in said
    assert re.search("NON   disque : .* Au rythme actuel, il sera plein vers le", said)


@pytest.mark.slow
def test_what_is_made_is_its_owners_alone(config: Path) -> None:
    plp(config, "migrate")
    made = [*config.parent.glob("var/*")]
    assert made
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []


@pytest.mark.slow
def test_a_port_that_is_taken_is_told_and_nothing_is_started(config: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config.write_text(f"[console]\nlisten = 127.0.0.1:{taken.getsockname()[1]}\n")
        refused = plp(config, "run")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert not (config.parent / "var").exists()


@pytest.mark.slow
def test_an_address_on_the_network_needs_tls(config: Path) -> None:
    config.write_text("[console]\nlisten = 0.0.0.0:8443\n")
    refused = plp(config, "run")
    assert refused.exit_code == 1
    assert "certificate" in refused.stderr


@pytest.mark.slow
def test_plan_b_says_where_it_is_or_what_is_missing(config: Path) -> None:
    assert plp(config, "migrate").exit_code == 0
    missing = plp(config, "plan-b")
    assert (missing.exit_code, "password_file est vide" in missing.output) == (1, True)
    assert "ok    plan de secours : pas d'export" in plp(config, "check").output
    config.write_text("[zone]\nname = Zone d'essai\n[plan_b]\npassword_file = secret\n")
    assert "NON   plan de secours : " in plp(config, "check").output
    (config.parent / "secret").write_text("correct horse battery")
    assert "ok    plan de secours : export chaque nuit à 03:30" in plp(config, "check").output
    bind("sqlite:///var/plp.db", config.parent)
    with connected():
        trouble = coded("plan_b_missed", why="No space left on device").stored
        open_incident("plan_b", load_settings(config).host, trouble, utc_now())
    assert "NON   plan de secours : L'export du plan de secours a échoué" in plp(config, "check").output
    made = plp(config, "plan-b")
    assert made.exit_code == 0, made.output
    assert Path(made.output.strip()).is_file()


def test_each_line_of_the_log_says_which_hour_it_means(config, monkeypatch):
    """When the clocks are set back, 02:30 comes twice."""
    given = {}
    monkeypatch.setattr(logging, "basicConfig", lambda **values: given.update(values))
    plp(config, "jobs", "--help")
    record = logging.makeLogRecord({"msg": "taken"})
    line = logging.Formatter(given["format"], given["datefmt"]).format(record)
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} ", line)
