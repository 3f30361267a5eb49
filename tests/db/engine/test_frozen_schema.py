"""A database of the first release, with rows in every table, becomes one of today, on both engines and for ever.

The release is frozen by `python -m tools.schema --freeze`; until then the present schema stands for it.
"""

import json
import shutil

import pytest

from db.engine import connection, schema
from db.engine.connection import bind, connected
from db.models.tables import TABLES
from rules.sentences import StoreFault
from tests.db.engine.described import described, pending
from tests.support.postgres import fresh_url
from tools import schema as tool

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

# A change as a later version may make it: a table, columns with and without a value, an index, rows that move.
MADE_UP = """
def up(migrator, db):
    db.execute_sql('CREATE TABLE made_up (id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES member (id))')
    db.execute_sql('ALTER TABLE member ADD COLUMN made_up_words TEXT NOT NULL DEFAULT \\'rien\\'')
    db.execute_sql('ALTER TABLE member ADD COLUMN made_up_at TIMESTAMP')
    db.execute_sql('CREATE INDEX made_up_words ON member (made_up_words, made_up_at)')
    db.execute_sql('INSERT INTO made_up (id, member_id) SELECT id, id FROM member')
"""
BROKEN = """
def up(migrator, db):
    db.execute_sql("UPDATE member SET last_name = ''")
    raise RuntimeError('power')
"""


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """The folder of the first release."""
    if tool.FROZEN.exists():
        return tool.FROZEN
    folder = tmp_path_factory.mktemp("frozen") / "schema"
    tool.freeze(folder)
    return folder


@pytest.fixture
def later(tmp_path):
    """`later(**code)`: a folder with today's migrations and these."""

    def made(**code):
        folder = tmp_path / "later"
        shutil.copytree(schema.MIGRATIONS, folder, dirs_exist_ok=True)
        for name, text in code.items():
            (folder / f"{name}.py").write_text(text)
        return folder

    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def released(request, frozen, tmp_path, monkeypatch):
    """A database as the first release made it, with old rows; yields it and the rows."""
    folder = tmp_path / "released"
    folder.mkdir()
    shutil.copyfile(schema.START.with_suffix(".py"), folder / "0001_start.py")
    shutil.copyfile(frozen / "start.sql", folder / "0001_start.sql")
    opened = bind(fresh_url() if request.param == "postgresql" else "sqlite:///plp.db", tmp_path)
    rows = json.loads((frozen / "rows.json").read_text(encoding="utf-8"))
    with connected():
        with monkeypatch.context() as patched:
            patched.setattr(schema, "MIGRATIONS", folder)
            schema.upgrade(opened)
        for table, of_table in rows.items():
            for row in of_table:
                insert(opened, table, row)
        yield opened, rows
    connection.database.close()


def insert(opened, table, row):
    blobs = {column.name for column in opened.get_columns(table) if column.data_type.upper() in ("BLOB", "BYTEA")}
    values = [bytes.fromhex(value) if column in blobs else value for column, value in row.items()]
    mark = opened.param
    columns = ", ".join(f'"{column}"' for column in row)
    opened.execute_sql(f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join([mark] * len(row))})', values)


def told(opened, rows):
    """The rows as they are now, by table, in the columns that they had."""
    content = {}
    for table, of_table in rows.items():
        columns = list(of_table[0])
        listed = ", ".join(f'"{column}"' for column in columns)
        query = f'SELECT {listed} FROM "{table}" WHERE id >= {tool.FIRST_ID} ORDER BY id DESC'
        content[table] = [tuple(map(plain, row)) for row in opened.execute_sql(query).fetchall()]
    return content


def plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def test_the_start_is_what_was_released_or_what_the_models_make():
    """After the release no statement of it may change: the history of each box has its mark."""
    released = tool.FROZEN / "start.sql"
    expected = released.read_text(encoding="utf-8") if tool.FROZEN.exists() else tool.written()
    assert schema.START.read_text(encoding="utf-8") == expected, "a migration, or python -m tools.schema"


def test_every_table_of_the_release_has_a_whole_row_and_a_sparse_one(frozen):
    statements = (frozen / "start.sql").read_text(encoding="utf-8")
    rows = json.loads((frozen / "rows.json").read_text(encoding="utf-8"))
    assert len(rows) == statements.count("CREATE TABLE") >= 50
    assert {len(of_table) for of_table in rows.values()} == {2}
    assert [table for table in rows if f'CREATE TABLE "{table}"' not in statements] == []


def test_a_database_of_the_first_release_becomes_one_of_today(released, tmp_path):
    opened, rows = released
    before = told(opened, rows)
    later = pending(opened)
    assert schema.upgrade(opened) == later
    schema.require_current(opened)
    assert told(opened, rows) == before
    assert all(len(list(model.select())) >= 2 for model in TABLES if model._meta.table_name in rows)
    now = described(opened)
    assert {name: {column[0] for column in now[name][0]} for name in now} == {
        model._meta.table_name: {field.column_name for field in model._meta.sorted_fields} for model in TABLES
    }


def test_a_later_migration_keeps_every_row_of_the_first_release(released, later, monkeypatch):
    opened, rows = released
    schema.upgrade(opened)
    before = told(opened, rows)
    monkeypatch.setattr(schema, "MIGRATIONS", later(**{"9001_made_up": MADE_UP}))
    with pytest.raises(StoreFault, match="plus ancienne : lancez « plp migrate »"):
        schema.require_current(opened)
    assert schema.upgrade(opened) == ["9001_made_up"]
    assert schema.upgrade(opened) == []
    schema.require_current(opened)
    assert told(opened, rows) == before
    added = opened.execute_sql(
        "SELECT made_up_words, made_up_at, member_id FROM member JOIN made_up ON member_id = member.id"
    )
    assert sorted(map(tuple, added.fetchall())) == [("rien", None, tool.FIRST_ID), ("rien", None, tool.FIRST_ID + 1)]


def test_a_later_migration_that_fails_leaves_the_first_release_as_it_was(released, later, monkeypatch):
    opened, rows = released
    schema.upgrade(opened)
    before = told(opened, rows)
    monkeypatch.setattr(schema, "MIGRATIONS", later(**{"9001_made_up": MADE_UP, "9002_broken": BROKEN}))
    with pytest.raises(RuntimeError, match="power"):
        schema.upgrade(opened)
    assert told(opened, rows) == before
    assert pending(opened)[-1] == "9002_broken"


def test_once_frozen_the_start_is_not_written_again(frozen, monkeypatch):
    monkeypatch.setattr(tool, "FROZEN", frozen)
    before = schema.START.read_bytes()
    for arguments in ((), ("--freeze",)):
        with pytest.raises(SystemExit, match="write the change as a migration"):
            tool.main(*arguments)
    assert schema.START.read_bytes() == before
