"""Machines that share a database share the journal's key: without it one refuses to start, and says what to do."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.engine.base import database
from db.engine.files import SECRET_KEY
from db.journal.chain import seal_entries
from db.operations.installation import Installation
from db.people.accounts.factors import Seal
from plp.cli.main import main
from plp.services.accounts.rights import account_card
from plp.services.accounts.signing_in import offered_secret
from plp.services.forgetting import forget_member
from plp.serving import secret_key
from tests.support.people import mobile, person
from tests.support.postgres import fresh_url

LIST = f"first_name,last_name,mobile,neighbourhood\nOdile,Quadflieg,{mobile(7)},Plainevaux\n"


def plp(host: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(host / "config.ini"), *arguments])


def machine(folder: Path, url: str) -> Path:
    folder.mkdir()
    (folder / "config.ini").write_text(f"[zone]\nname = X\n[database]\nurl = {url}\nhost = {folder.name}\n")
    return folder


@pytest.fixture
def hosts(tmp_path, monkeypatch):
    """Two of one database, which the first has made."""
    monkeypatch.setenv("PLP_DEMO", "0")
    url = fresh_url()
    yield machine(tmp_path / "north", url), machine(tmp_path / "south", url)
    database.close()


@pytest.mark.slow
def test_two_hosts_have_one_journal_and_forget_together(hosts, now):
    north, south = hosts
    assert plp(north, "migrate").exit_code == 0
    key = Path("var/journal.key")
    for command in ("check", "jobs", "console", "modem", "audit verify", "member list"):
        refused = plp(south, *command.split())
        assert refused.exit_code == 1
        assert "Impossible de lire la clé du journal" in refused.output, command
        assert "Copiez ce fichier depuis un autre serveur" in refused.output
    assert not (south / key).exists()
    (south / "var").mkdir(exist_ok=True)
    (south / key).write_text("0" * 64)
    for command in ("check", "jobs", "console", "modem", "audit verify", "setup --list"):
        refused = plp(south, *command.split())
        assert refused.exit_code == 1
        assert "n'est pas celle de la base de données" in refused.output, command
    shutil.copy(north / key, south / key)
    assert "n'est pas celle" not in plp(south, "check").output
    (south / "list.csv").write_text(LIST)
    assert "Quadflieg" not in plp(north, "member", "list").output
    with Installation(north / "config.ini").open_database():
        forget_member(person(7, now, first_name="Odile", last_name="Quadflieg"), "plp", now)
    imported = plp(south, "member", "import", str(south / "list.csv"))
    assert "supprimée" in imported.output
    assert plp(south, "member", "list", "--json").stdout == "[]\n"
    for host in hosts:
        with Installation(host / "config.ini").open_database():
            seal_entries()
        verified = plp(host, "audit", "verify")
        assert (verified.exit_code, "Journal intègre" in verified.stdout) == (0, True)


@pytest.mark.slow
def test_a_console_that_opens_no_app_s_secret_is_told_so(hosts, now):
    north, south = hosts
    plp(north, "migrate")
    shutil.copytree(north / "var", south / "var")
    plp(north, "user", "add", "Anne", "--role", "admin")
    assert "aucun code n'est accepté ici" not in plp(north, "check").output
    with Installation(north / "config.ini").open_database():
        offered_secret(account_card("Anne").id, Seal(secret_key(north / "var")))
    assert "aucun code n'est accepté ici" not in plp(north, "check").output
    assert "aucun code n'est accepté ici" not in plp(south, "check").output  # it has no console
    secret_key(south / "var")
    assert "aucun code n'est accepté ici" in plp(south, "check").output
    shutil.copy(north / "var" / SECRET_KEY, south / "var" / SECRET_KEY)
    assert "aucun code n'est accepté ici" not in plp(south, "check").output


@pytest.mark.slow
def test_a_lost_key_is_replaced_by_who_says_so(hosts):
    north, south = hosts
    plp(north, "migrate")
    plp(north, "user", "add", "Anne", "--role", "admin")
    shutil.copytree(north / "var", south / "var")
    assert plp(north, "audit", "new-key", "--yes").exit_code == 1  # it is not lost
    (north / "var/journal.key").unlink()
    refused = plp(north, "audit", "new-key")
    assert (refused.exit_code, "ajoutez --yes" in refused.output) == (1, True)
    assert plp(north, "audit", "new-key", "--yes").exit_code == 0
    assert plp(north, "member", "list").exit_code == 0
    assert "n'est pas celle de la base de données" in plp(south, "member", "list").output
    verified = plp(north, "audit", "verify")
    assert (verified.exit_code, "signées avec une clé qui n'est plus sur ce serveur" in verified.output) == (0, True)
    (stretch,) = json.loads(plp(north, "audit", "verify", "--json").stdout)["stretches"]
    assert (stretch["first"], stretch["last"]) == (1, 2)
    assert plp(north, "move", "--to", "sqlite:///var/back.db").exit_code == 0
