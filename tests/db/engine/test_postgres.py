"""PostgreSQL itself: what is said when it is away, and that nothing is lost or half done when it was."""

import sys
import threading
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from click.testing import CliRunner

from base.settings.values import ZoneSettings
from db.engine import clock, connection, schema
from db.engine.base import database
from db.engine.change_feed import commit_watch
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, bind, connected, writing
from db.engine.files import state_folder
from db.engine.postgres import AdvisoryLock
from db.journal import audit
from db.models.tables import TABLES
from db.models.zone import AuditEntry, Lineage, Zone
from db.operations.installation import Installation
from plp.cli.main import main
from plp.services.machine import seed
from tests.e2e.box import eventually
from tests.support.postgres import fresh_url, server

pytestmark = pytest.mark.slow


@pytest.fixture
def url():
    yield fresh_url()
    clock._followed = None


@pytest.fixture
def box(tmp_path, monkeypatch):
    """`box(url)` writes a configuration; gives a function that runs `plp` with it."""
    monkeypatch.setenv("PLP_DEMO", "0")

    def make(url):
        config = tmp_path / "config.ini"
        config.write_text(f"[zone]\nname = X\n[database]\nurl = {url}\nhost = nord\n")
        return lambda *arguments: CliRunner().invoke(main, ["--config", str(config), *arguments])

    return make


@pytest.fixture
def opened(url, tmp_path):
    """A database with the schema, connected to."""
    bound = bind(url, tmp_path)
    with connected():
        schema.upgrade(bound)
        yield bound


def restart():
    server().stop()
    server().start()


def actions():
    return [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]


# -- in words ------------------------------------------------------------------------------------------------------


def test_a_box_without_a_file(url, box, tmp_path):
    plp = box(url)
    refused = plp("member", "list")
    assert refused.exit_code == 1
    assert "Il n'y a pas encore de base de données (postgresql://" in refused.stderr
    migrated = plp("migrate")
    assert (migrated.exit_code, "0001_start" in migrated.stdout) == (0, True), migrated.output
    assert plp("migrate").stdout == "La base de données est à jour.\n"
    assert plp("member", "list", "--json").stdout == "[]\n"
    assert "ok    base de données : postgresql://postgres@/plp_" in plp("check").stdout
    assert state_folder(Installation(tmp_path / "config.ini").settings()) == tmp_path / "var"
    assert (tmp_path / "var").is_dir()


def test_no_server(box, tmp_path):
    refused = box(f"postgresql://anne:secret@/plp?host={tmp_path}")("migrate")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("PostgreSQL ne répond pas (postgresql://anne@/plp) : ")
    assert "secret" not in refused.output
    assert refused.stderr.count("\n") == 1


def test_no_such_database(url, box):
    refused = box(url.replace("/plp_", "/nothing_"))("member", "list")
    assert refused.exit_code == 1
    assert "n'existe pas sur ce serveur : créez-la, par exemple « createdb -O postgres nothing_" in refused.stderr


def test_no_such_role(url, box):
    refused = box(url.replace("//postgres:@", "//nobody@"))("member", "list")
    assert "PostgreSQL refuse la connexion" in refused.stderr
    assert 'role "nobody" does not exist' in refused.stderr


def test_a_role_without_rights(url, box):
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS plp_poor")
        admin.execute("CREATE ROLE plp_poor LOGIN")
    poor = box(url.replace("//postgres:@", "//plp_poor@"))
    refused = poor("migrate")
    assert refused.exit_code == 1
    assert "refuse ce droit à cet utilisateur : permission denied for schema public" in refused.stderr


def test_the_driver_is_not_installed(url, box, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    refused = box(url)("member", "list")
    assert "installez « plp-alerte[postgres] »" in refused.stderr


# -- the server goes and comes -------------------------------------------------------------------------------------


def test_the_next_query_connects_anew(opened, now):
    with connected(), writing():
        audit.record(now, "anne", "before")
    restart()
    with connected(), writing():  # not even this one fails: nothing was begun
        audit.record(now, "anne", "after")
    restart()
    with pytest.raises(UNAVAILABLE):
        AuditEntry.select().count()
    assert actions() == ["before", "after"]


def test_nothing_half_done(opened, now):
    def cut_in_the_middle():
        with writing():
            audit.record(now, "anne", "first half")
            restart()
            audit.record(now, "anne", "second half")

    def cut_before_the_commit():
        with writing():
            audit.record(now, "anne", "never committed")
            restart()

    def whose_error_was_swallowed():
        with writing():
            audit.record(now, "anne", "lost")
            restart()
            with suppress(*UNAVAILABLE):
                audit.record(now, "anne", "hidden")

    for transaction in (cut_in_the_middle, cut_before_the_commit, whose_error_was_swallowed):
        with pytest.raises(UNAVAILABLE):
            transaction()
    assert actions() == []
    with writing():
        audit.record(now, "anne", "whole")
    assert actions() == ["whole"]


def test_while_it_is_away(opened, now):
    watch, lock = commit_watch(opened), AdvisoryLock(opened, "plp modem nord")
    assert lock.take()
    assert lock.is_held()
    server().stop()
    try:
        assert not lock.is_held()
        assert watch.wait(1.0)  # the lost connection is not silence
        for _ in range(2):
            with pytest.raises(UNAVAILABLE), writing():
                audit.record(now, "anne", "x")
            for question in (AuditEntry.select().count, lambda: watch.wait(0), lock.take):
                with pytest.raises(UNAVAILABLE):
                    question()
    finally:
        server().start()
    assert not lock.is_held()
    assert lock.take()
    assert lock.is_held()
    assert watch.wait(0)  # look again: something may have been missed
    assert actions() == []
    watch.close()
    lock.close()


def test_one_holder_of_a_name(opened):
    first, second, other = (AdvisoryLock(opened, f"plp modem {host}") for host in ("nord", "nord", "sud"))
    assert first.take()
    assert not second.take()
    assert other.take()
    restart()
    assert second.take()
    # The new server may answer before this machine has told the old connection's end.
    eventually("the end of the first connection", lambda: not first.is_held())
    assert not first.take()
    for lock in (second, other):
        lock.close()
    assert first.take()
    first.close()


# -- what is different in it ---------------------------------------------------------------------------------------


@pytest.mark.machine_time
def test_whoever_connects_follows_the_server_s_clock(opened, monkeypatch):
    machine = datetime.now(UTC)
    assert abs(utc_now() - machine) < timedelta(seconds=5)
    clock.follow(machine + timedelta(days=1))
    assert utc_now() - machine > timedelta(hours=23)
    monkeypatch.setattr(database.obj, "_followed_clock_s", -1e9)
    with writing():
        pass
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_text_with_nul(opened, now):
    with writing():
        audit.record(now, "an\0ne", "x")
    assert AuditEntry.get().actor == "an�ne"


def test_the_migrations_make_the_models_tables(opened):
    for model in TABLES:
        # A migration gives the database its own mark; all else is empty.
        assert model.select().count() == (model is Lineage)
    schema.require_current(opened)


def test_machines_that_start_at_once_make_one_database(url, tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "write_lock", nullcontext())
    bound, gate, failures = bind(url, tmp_path), threading.Barrier(4), []

    def start():
        gate.wait()
        try:
            with connected():
                schema.upgrade(bound)
                gate.wait()
                seed(ZoneSettings())
        except Exception as error:  # noqa: BLE001  (told to the test)
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    with connected():
        assert Zone.select().count() == 1


def test_an_older_schema_is_refused(url, box):
    plp = box(url)
    plp("migrate")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DELETE FROM schema_migration WHERE name LIKE 'start-%'")
    assert "vient d'une version de développement" in plp("member", "list").stderr
