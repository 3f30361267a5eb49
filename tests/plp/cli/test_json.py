"""--json prints one document on stdout and nothing else, from every command that ends by itself, also for a refusal."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from plp.cli.main import main
from rules.refusals import Refusal
from tests.support.commands import COMMANDS

# They answer nothing, or in SQL, or are groups that do something by their bare name.
WITHOUT = {"plp", "plp run", "plp console", "plp modem", "plp jobs", "plp roles", "plp certificate"}
# Each works on the box of this test.
GOOD = [
    "migrate", "check", "setup --list", "plan-b", "backup-key key", "backup", "backup --list", "restore",
    "user add Anne --role officer", "user reset Anne", "user list", "user disable Anne", "user enable Anne",
    "token add scripts --role officer", "token list", "token revoke scripts",
    "member import list.csv", "member import list.csv --dry-run", "member list",
    "broadcast send --all --text Essai --yes", "broadcast list", "broadcast show 1", "broadcast pause 1",
    "broadcast resume 1", "broadcast cancel 1",
    "certificate new", "modem list", "modem doctor", "audit verify",
]  # fmt: skip
# What is refused, the code, and the status.
BAD = [
    ("user add Anne --role chef", "refused", 1),
    ("user reset Personne", "refused", 1),
    ("user add", "usage", 2),
    ("nonsense", "usage", 2),
    ("broadcast show one", "usage", 2),
    ("broadcast show 99", "missing", 1),
    ("broadcast cancel 99", "missing", 1),
    ("broadcast send --all --text Essai", "not_confirmed", 2),
    ("broadcast send --text Essai --yes", "usage", 2),
    ("broadcast send --all --yes --text", "usage", 2),
    ("broadcast end 99 --text Fin --yes", "missing", 1),
    ("member import none.csv", "refused", 1),
    ("member list --neighbourhood Nulle", "refused", 1),
    ("modem suspend a --reason panne", "refused", 1),
    ("modem selftest a", "refused", 1),
    ("modem report a", "refused", 1),
    ("restore none.age", "backup_unwritable", 1),
    ("token revoke none", "refused", 1),
    ("audit verify --head x", "refused", 1),
    ("audit new-key", "refused", 1),
    ("audit new-key --yes", "journal_key_same", 1),
    ("certificate take none.crt none.key", "refused", 1),
    ("certificate show", "refused", 1),
    ("setup", "usage", 2),
    ("roles", "usage", 2),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A box with a member; the commands' relative files are in its folder."""
    made = tmp_path_factory.mktemp("json")
    (made / "kept").mkdir()
    (made / "secret").write_text("correct horse battery staple")
    (made / "list.csv").write_text("first_name;last_name;mobile;neighbourhood\nAnne;Exemple;0470 00 00 01;Plainevaux\n")
    (made / "config.ini").write_text("[zone]\nname = Zone d'essai\n[plan_b]\npassword_file = secret\n")
    before, demo = Path.cwd(), os.environ.get("PLP_DEMO")
    os.chdir(made)
    os.environ["PLP_DEMO"] = "0"
    plp("migrate")
    recipient = json.loads(plp("backup-key own --json").stdout)["recipient"]
    with (made / "config.ini").open("a") as config:
        config.write(f"[backup]\nrecipient = {recipient}\nto = kept\nsame_disk = yes\n")
    plp("member import list.csv")
    yield made
    os.chdir(before)
    os.environ.pop("PLP_DEMO") if demo is None else os.environ.update(PLP_DEMO=demo)


def plp(line: str) -> Result:
    return CliRunner().invoke(main, line.split())


def test_every_command_that_answers_has_it() -> None:
    lacking = {path for path, command in COMMANDS.items() if "--json" not in options(command)}
    assert lacking == WITHOUT


def options(command: click.Command) -> list[str]:
    return [name for option in command.params for name in option.opts]


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.usefixtures("folder")
def test_what_works_is_one_document() -> None:
    for line in GOOD:
        told = plp(f"{line} --json")
        assert told.exception is None or isinstance(told.exception, SystemExit), (line, told.exception)
        document = json.loads(told.stdout)  # of several, or of words beside it, this would raise
        assert told.stdout.count("\n") == 1, line
        if isinstance(document, dict):
            assert "error" not in document, line


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("line", "code", "status"), BAD)
def test_a_refusal_is_one_document_and_a_line(line: str, code: str, status: int) -> None:
    told = plp(f"{line} --json" if not line.endswith("--text") else f"{line.removesuffix('--text')}--json --text")
    document = json.loads(told.stdout)
    assert (document["error"], told.exit_code) == (code, status)
    assert document["message"]
    assert document["message"] in told.stderr.replace("\n", " ")
    if line != "setup":  # which asks
        assert plp(line).stdout == ""  # without it nothing has changed


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.usefixtures("folder")
def test_a_broken_configuration_and_a_missing_database_have_codes(tmp_path: Path) -> None:
    (tmp_path / "config.ini").write_text("[zone]\nphone = n\n")
    told = json.loads(plp(f"--config {tmp_path / 'config.ini'} member list --json").stdout)
    assert (told["error"], "[zone] phone" in told["message"]) == (Refusal.code, True)
    (tmp_path / "config.ini").write_text("[zone]\nname = X\n")
    told = json.loads(plp(f"--config {tmp_path / 'config.ini'} member list --json").stdout)
    assert told["error"] == "database_none_yet"


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.usefixtures("folder")
def test_what_the_guard_finds_is_in_the_document() -> None:
    found = ["broadcast", "send", "--all", "--yes", "--json", "--text"]
    told = json.loads(CliRunner().invoke(main, [*found, "Police: voiture 1-ABC-234 volée."]).stdout)
    assert told["error"] == "findings"
    assert {finding["kind"] for finding in told["findings"]} == {"plate"}


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.usefixtures("folder")
def test_times_are_belgian_for_people_and_utc_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    plp("broadcast send --all --text Horloge --yes")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        created_at = json.loads(plp("broadcast list --json").stdout)[0]["created_at"]
        listed = plp("broadcast list").stdout.splitlines()[0]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert created_at.endswith("+00:00")
    assert belgian(created_at) in listed


def belgian(at: str) -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo('Europe/Brussels')):%d/%m/%Y %H:%M}"
