"""`plp account …` and what the journal says of whoever typed it."""

import json
import os
import pwd
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.journal.audit import newest
from db.operations.installation import Installation
from plp.cli.main import main
from tests.support.journal import copied

CONFIG = "[zone]\nname = Zone d'essai\ncode = 5278\n[database]\nurl = sqlite:///plp.db\n"


@pytest.fixture
def config(tmp_path: Path, seeded: Path) -> Path:
    path = tmp_path / "config.ini"
    path.write_text(CONFIG, encoding="utf-8")
    copied(seeded, tmp_path / "plp.db")
    return path


def plp(config: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *arguments], input=stdin)


def test_the_terminals_actor_is_the_system_user_whatever_the_environment_says(config, monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "commissaire")
    assert plp(config, "user", "add", "Anne", "--role", "officer").exit_code == 0
    with Installation(config).open_database():
        entry = newest("account_added")
    assert (entry.actor.kind, entry.actor.name) == ("terminal", pwd.getpwuid(os.getuid()).pw_name)


def test_roles_of_a_user_are_a_set_of_those_that_exist(config):
    assert plp(config, "user", "add", "Ida", "--role", "auditor", "--role", "technician").exit_code == 0
    assert "auditor, technician" in plp(config, "user", "list").output
    refused = plp(config, "user", "add", "Ugo", "--role", "reader")
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "auditor" in refused.output


@pytest.mark.parametrize("name", ["plp", "PLP", "anonymous", "root (terminal)", "API centrale", "api  centrale"])
def test_no_account_is_called_what_the_journal_calls_a_program(config, name):
    refused = plp(config, "user", "add", name, "--role", "officer")
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "journal" in refused.output


@pytest.mark.slow
def test_a_leaver_loses_every_way_in_by_command(config):
    ada = ("user", "add", "Ada", "--role", "admin", "--password-stdin")
    assert plp(config, *ada, stdin="quatre mots faciles\n").exit_code == 0
    for arguments in (
        ("user", "add", "Luc", "--role", "officer", "--mobile", "0470 00 00 09"),
        ("token", "add", "bureau", "--role", "officer", "--user", "Luc", "--days", "30"),
        ("user", "disable", "Luc"),
    ):
        done = plp(config, *arguments)
        waits = "Le rôle de policier commence le" if "add" in arguments[:2] and arguments[0] == "user" else ""
        assert (done.exit_code, done.stderr[: len(waits) or None]) == (0, waits), arguments
    luc = next(user for user in json.loads(plp(config, "user", "list", "--json").stdout) if user["name"] == "Luc")
    assert (luc["roles"], luc["active"], luc["mobile"], luc["email"]) == (["officer"], False, "+32470000009", None)
    assert luc["officer_from"]
    token = json.loads(plp(config, "token", "list", "--json").stdout)[0]
    assert (token["name"], token["user"], token["state"]) == ("bureau", "Luc", "revoked")
    assert plp(config, "user", "enable", "Luc").exit_code == 0
    for refused in (
        ("user", "add", "Luc", "--role", "officer"),
        ("user", "disable", "Ada"),
    ):
        assert plp(config, *refused).exit_code == 1
    assert "Ada" in plp(config, "user", "list").stdout


def test_a_token_is_revoked_by_command(config):
    assert plp(config, "token", "add", "centrale", "--role", "officer").exit_code == 0
    assert plp(config, "token", "revoke", "centrale").exit_code == 0
    assert "révoqué" in plp(config, "token", "list").stdout
    unknown = plp(config, "token", "revoke", "autre")
    assert (unknown.exit_code, "autre" in unknown.stderr) == (1, True)
