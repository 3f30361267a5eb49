"""`plp account …` and what the journal says of whoever typed it."""

import os
import pwd
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.journal.audit import newest
from db.operations.installation import Installation
from plp.cli.main import main

CONFIG = "[zone]\nname = Zone d'essai\ncode = 5278\n[database]\nurl = sqlite:///plp.db\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.ini"
    path.write_text(CONFIG, encoding="utf-8")
    assert plp(path, "migrate").exit_code == 0
    return path


def plp(config: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *arguments], input=stdin)


def test_found_13_the_terminals_actor_is_the_system_user_whatever_the_environment_says(config, monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "commissaire")
    assert plp(config, "user", "add", "Anne", "--role", "officer").exit_code == 0
    with Installation(config).open_database():
        entry = newest("account_added")
    assert (entry.actor.kind, entry.actor.name) == ("terminal", pwd.getpwuid(os.getuid()).pw_name)


@pytest.mark.parametrize("name", ["plp", "PLP", "anonymous", "root (terminal)", "API centrale", "api  centrale"])
def test_found_13_no_account_is_called_what_the_journal_calls_a_program(config, name):
    refused = plp(config, "user", "add", name, "--role", "officer")
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
    assert "journal" in refused.output
