"""The schema's version. Only `upgrade` creates or changes a schema; nothing else does so on its way."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import Database, PostgresqlDatabase, SqliteDatabase
from playhouse.migrations import Runner

from db.engine.postgres import create_functions
from rules.refusals import NewerDatabase, OlderDatabase

# PostgreSQL's advisory locks are numbers; this one is about the schema of plp.
_LOCK = 0x706C70

MIGRATIONS = Path(__file__).parents[1] / "migrations"
# The first migrations became one before any release (docs/adr/0034): its name and number, the last of those that it
# stands for, and the last commit that has them.
_START, _START_NUMBER, _REPLACED, _LAST_WITH_THEM = "0016_start", 16, "0016_orders", "0220525"


def is_empty(database: Database) -> bool:
    """True when nothing was ever made in this database."""
    return not database.get_tables()


def upgrade(database: Database) -> list[str]:
    """Apply what is pending; returns the names. One process at a time. Raises OlderDatabase for one of before 0016."""
    with _one_at_a_time(database):
        create_functions(database)
        runner = Runner(database, MIGRATIONS)
        _accept_start(runner)
        applied = runner.up()
        _check_foreign_keys(database)
        return list(applied)


def require_current(database: Database) -> None:
    """Refuse to start on a schema that is older or newer than this program."""
    rows = Runner(database, MIGRATIONS).status()
    if any(row.path is None and row.idx > _START_NUMBER for row in rows):
        raise NewerDatabase(
            "La base de données vient d'une version plus récente de plp-alerte : mettez le programme à jour."
        )
    if any(row.applied is None for row in rows):
        raise OlderDatabase(
            "La base de données est d'une version plus ancienne : lancez « plp migrate » (après une sauvegarde)."
        )


def _accept_start(runner: Runner) -> None:
    """Write into the history of a database that has had the first migrations that it has what replaces them."""
    gone = [row.name for row in runner.status() if row.path is None and row.idx <= _START_NUMBER]
    if not gone:
        return
    if _REPLACED not in gone:
        raise OlderDatabase(
            "La base de données est trop ancienne pour cette version : passez d'abord par celle du commit {commit} "
            "(« plp migrate » s'y lance), puis revenez à celle-ci.",
            commit=_LAST_WITH_THEM,
        )
    with runner.database.atomic():
        runner.History.delete().where(runner.History.name.in_(gone)).execute()
        runner.History.create(name=_START)


@contextmanager
def _one_at_a_time(database: Database) -> Iterator[None]:
    """The migration runner takes no lock of its own (docs/reference/trials.md, "Migrations")."""
    if isinstance(database, PostgresqlDatabase):
        database.execute_sql("SET lock_timeout = 0")  # whoever upgrades waits, for the others and for their tables
        database.execute_sql("SELECT pg_advisory_lock(%s)", (_LOCK,))
        try:
            yield
        finally:
            database.execute_sql("SELECT pg_advisory_unlock(%s)", (_LOCK,))
            database.execute_sql("RESET lock_timeout")
        return
    if not isinstance(database, SqliteDatabase) or str(database.database) == ":memory:":
        yield
        return
    with Path(f"{database.database}.migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_foreign_keys(database: Database) -> None:
    """The runner switches SQLite's foreign keys off while it works; nothing may dangle afterwards."""
    if isinstance(database, SqliteDatabase):
        broken = database.execute_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"dangling references after migration in: {sorted({row[0] for row in broken})}")
