"""A second machine joins the database of the first: nothing of a database of its own stays, and no alarm is false."""

import shutil

import pytest
from click.testing import CliRunner

from db.engine.base import database
from db.engine.clock import utc_now
from db.journal import audit
from db.journal.chain import seal_entries
from db.journal.verification import HEADS, note_head
from db.models.incidents import Incident
from db.operations.installation import Installation
from plp.cli.main import main
from plp.jobs.journal import export_head
from tests.support.people import person
from tests.support.postgres import fresh_url

pytestmark = pytest.mark.slow
SQLITE = "sqlite:///var/plp.db"


def plp(host, *arguments):
    return CliRunner().invoke(main, ["--config", str(host / "config.ini"), *arguments])


def address(host, url):
    (host / "config.ini").write_text(f"[zone]\nname = X\n[database]\nurl = {url}\nhost = {host.name}\n")


def lived(host, days=1):
    """It was used: entries of the journal, sealed, and a head noted."""
    with Installation(host / "config.ini").open_database():
        while seal_entries():
            pass
        note_head(utc_now())


@pytest.fixture
def hosts(tmp_path, monkeypatch):
    """The first of PostgreSQL with its keys in a folder, and one that has begun alone on SQLite."""
    monkeypatch.setenv("PLP_DEMO", "0")
    north, south, keys = (tmp_path / name for name in ("north", "south", "keys"))
    url = fresh_url()
    for host, of in ((north, url), (south, SQLITE)):
        host.mkdir()
        address(host, of)
        assert plp(host, "migrate").exit_code == 0
    plp(north, "user", "add", "Anne", "--role", "admin")
    for number in range(4):
        plp(south, "user", "add", f"Luc {number}", "--role", "admin")
    for host in (north, south):
        lived(host)
    keys.mkdir()
    shutil.copy(north / "var/journal.key", keys)
    (keys / "secret.key").write_text("7" * 64)
    yield south, url, keys
    database.close()


def test_a_host_that_joins_raises_no_alarm_of_tampering(hosts):
    south, url, keys = hosts
    own = south / "var"
    (own / "plan-b").mkdir()
    (own / "plan-b/plan-b-2026-01-01-0200.zip").write_text("x")
    for name in ("sent.json", "backup.key", "forgotten.list", "plp.db.modem.lock", "boot-id", "right-pin-0011"):
        (own / name).write_text("x")
    address(south, url)
    told = plp(south, "join", str(keys))
    assert (told.exit_code, "à supprimer" in told.output, (own / HEADS).exists()) == (0, True, True)
    done = plp(south, "join", str(keys), "--yes")
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in own.iterdir()) == ["console", "journal.heads", "journal.key", "right-pin-0011"]
    assert (own / "console/secret.key").read_text() == "7" * 64
    verified = plp(south, "audit", "verify")
    assert (verified.exit_code, "Journal intègre" in verified.stdout) == (0, True), verified.output
    joined = Installation(south / "config.ini")
    with joined.open_database():
        assert audit.newest("host_joined").subject == "south"
        export_head(joined.settings(), utc_now())
        assert not Incident.select().where(Incident.kind == "journal").exists()


def test_keys_alone_leave_the_heads_of_another_journal_which_is_why_there_is_a_command(hosts):
    south, url, keys = hosts
    address(south, url)
    shutil.copy(keys / "journal.key", south / "var/journal.key")
    assert plp(south, "audit", "verify").exit_code == 1


def test_what_may_not_be_joined_is_left_as_it_is(hosts, tmp_path, now):
    south, url, keys = hosts
    before = sorted((south / "var").iterdir())

    def refused(*words):
        told = plp(south, "join", str(keys), "--yes")
        assert told.exit_code == 1
        assert all(word in told.output for word in words), told.output
        assert sorted(path for path in (south / "var").iterdir() if "lock" not in path.name) == [
            path for path in before if "lock" not in path.name
        ]

    refused("l'adresse de la base partagée")
    with Installation(south / "config.ini").open_database():
        member = person(1, now)
    address(south, url)
    refused("contient des membres", "plp move")
    address(south, SQLITE)
    with Installation(south / "config.ini").open_database():
        database.execute_sql("DELETE FROM member WHERE id = ?", (member,))
    address(south, url)
    (keys / "journal.key").write_text("0" * 64)
    refused("n'est pas celle de la base de données")
    (keys / "journal.key").unlink()
    refused("Impossible de lire la clé du journal")
    address(south, fresh_url())
    refused("plp migrate")
