"""The schema: what the migrations make is what the models say, and nothing starts on another one."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from playhouse.migrations import Runner

from db.engine import connection, schema
from db.engine.connection import bind, connected, sqlite_database
from db.models import tables
from db.models.people import Member
from db.models.tables import TABLES
from rules.sentences import StoreFault
from tests.db.engine.described import described, pending
from tests.support.disk import SHIPPED
from tests.support.processes import running, upgraded


def statements(path):
    """The very statements that SQLite keeps: also ON DELETE, and where a partial index ends."""
    with sqlite3.connect(path) as plain:
        rows = plain.execute(
            "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND type <> 'trigger'"
        ).fetchall()
    plain.close()
    return {name: sql for name, sql in rows if not name.startswith(("migration", "schema"))}


@pytest.mark.sqlite
def test_the_migrations_make_what_the_models_describe(database, tmp_path):
    second = sqlite_database(tmp_path / "models.db")
    with second.bind_ctx(TABLES), second.connection_context():
        second.create_tables(TABLES)
        expected = described(second)
    assert set(expected) == {model._meta.table_name for model in TABLES}
    assert described(Member._meta.database.obj) == expected
    assert statements(database) == statements(tmp_path / "models.db")


def test_every_module_of_models_is_among_the_tables():
    there = {path.stem for path in Path(tables.__file__).parent.glob("*.py")} - {"__init__", "tables"}
    assert {model.__module__.rpartition(".")[2] for model in TABLES} == there


@pytest.mark.parametrize(
    "history",
    [("0016_start", "0047_by_neighbourhood"), ("0001_start", "start-0123456789ab")],
    ids=["numbered migrations", "other statements"],
)
@pytest.mark.parametrize("asked", [schema.require_current, schema.upgrade])
def test_a_database_of_before_the_first_release_is_told_to_be_made_anew(database, history, asked):
    opened = Member._meta.database.obj
    opened.execute_sql("DELETE FROM schema_migration")
    for name in history:
        opened.execute_sql(f"INSERT INTO schema_migration (name, applied) VALUES ('{name}', '2026-11-21 20:40:00')")
    with pytest.raises(StoreFault, match="Supprimez-la, puis relancez"):
        asked(opened)


@pytest.mark.slow
def test_upgrading_twice_is_harmless(tmp_path):
    opened = bind("sqlite:///plp.db", tmp_path)
    with connected():
        assert schema.is_empty(opened)
        names = pending(opened)
        assert schema.upgrade(opened) == names
        before = statements(tmp_path / "plp.db")
        assert schema.upgrade(opened) == []
        assert pending(opened) == []
        assert not schema.is_empty(opened)
        schema.require_current(opened)
    assert statements(tmp_path / "plp.db") == before


def test_an_older_schema_refuses_to_start(tmp_path):
    opened = bind("sqlite:///plp.db", tmp_path)
    with connected(), pytest.raises(StoreFault, match="plus ancienne : lancez « plp migrate »"):
        schema.require_current(opened)


def test_a_newer_schema_refuses_to_start(database, tmp_path, monkeypatch):
    newer = tmp_path / "newer"
    newer.mkdir()
    for path in schema.MIGRATIONS.glob("*.py"):
        (newer / path.name).write_bytes(path.read_bytes())
    (newer / "9999_later.py").write_text("def up(migrator, db):\n    pass\n")
    opened = Member._meta.database.obj
    Runner(opened, newer).up()
    with pytest.raises(StoreFault, match="plus récente"):
        schema.require_current(opened)


def test_a_migration_that_fails_leaves_nothing(tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "0001_broken.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('CREATE TABLE half (id INTEGER)')\n    raise RuntimeError('power')\n"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    opened = bind("sqlite:///plp.db", tmp_path)
    with connected():
        with pytest.raises(RuntimeError, match="power"):
            schema.upgrade(opened)
        assert "half" not in opened.get_tables()
        assert pending(opened) == ["0001_broken"]


@pytest.mark.sqlite
def test_dangling_references_after_a_migration_are_told(database, tmp_path, monkeypatch):
    opened = Member._meta.database.obj
    opened.execute_sql("PRAGMA foreign_keys = 0")
    opened.execute_sql("INSERT INTO account_role (account_id, role, given_by) VALUES (999, 'admin', '')")
    with pytest.raises(RuntimeError, match="account_role"):
        schema.upgrade(opened)


@pytest.mark.tuesday
@pytest.mark.sqlite
def test_times_are_stored_so_that_their_text_sorts(database, now):
    from db.journal import audit

    audit.record(now, "anne", "first")
    audit.record(now.replace(microsecond=1), "anne", "second")
    with sqlite3.connect(database) as plain:
        stored = [row[0] for row in plain.execute("SELECT at FROM audit_entry ORDER BY at")]
    plain.close()
    assert stored == ["2026-11-24 20:40:00.000000", "2026-11-24 20:40:00.000001"]
    with pytest.raises(ValueError, match="aware"):
        audit.record(now.replace(tzinfo=None), "anne", "naive")


@pytest.mark.sqlite
def test_durability_is_as_promised(database, monkeypatch):
    monkeypatch.setattr(connection, "SQLITE_PRAGMAS", SHIPPED)
    with closing(sqlite_database(database)) as opened:
        told = {
            name: opened.execute_sql(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "secure_delete": 1,
    }


@pytest.mark.parametrize("url", ["sqlite:plp.db", "sqlite://plp.db", "sqlite:///", "mysql://x/y", "plp.db", ""])
def test_an_address_that_names_no_database_is_refused(tmp_path, url):
    with pytest.raises(StoreFault, match="n'est pas une adresse de base de données"):
        bind(url, tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFault, match="ne peut pas être créé"):
        bind("sqlite:///file/plp.db", tmp_path)


def test_a_file_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "plp.db.migrate.lock").mkdir()
    with pytest.raises(StoreFault, match=r"plp\.db ne peut pas être créée"):
        bind("sqlite:///plp.db", tmp_path)


@pytest.mark.slow
def test_two_threads_upgrade_at_once(tmp_path):
    opened = bind("sqlite:///plp.db", tmp_path)
    gate, found = threading.Barrier(2), []

    def upgrade():
        gate.wait()
        with connected():
            found.append(schema.upgrade(opened))

    threads = [threading.Thread(target=upgrade) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, found)) == [0, len(list(schema.MIGRATIONS.glob("0*.py")))]


@pytest.mark.slow
@pytest.mark.parametrize("again", range(3))
def test_processes_create_and_upgrade_at_once(tmp_path, again):
    with running(upgraded, tmp_path, [()] * 4) as results:
        found = results()
    assert sorted(map(len, found)) == [0, 0, 0, len(list(schema.MIGRATIONS.glob("0*.py")))]
    opened = bind("sqlite:///plp.db", tmp_path)
    with connected():
        schema.require_current(opened)
