"""The schema's version. Only `upgrade` creates or changes a schema; nothing else does so on its way."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from peewee import Database, PostgresqlDatabase, SqliteDatabase
from playhouse.migrations import Runner

from db.engine.postgres import FOLDED
from rules.sentences import StoreFault

# PostgreSQL's advisory locks are numbers; this one is about the schema of plp.
_LOCK = 0x706C70

MIGRATIONS = Path(__file__).parents[1] / "migrations"
START = MIGRATIONS / "0001_start.sql"


def is_empty(database: Database) -> bool:
    """True when nothing was ever made in this database."""
    return not database.get_tables()


def mark_of_start() -> str:
    """The name that a database's history keeps of the statements it began with: 0001_start.py writes it."""
    return f"start-{sha256(START.read_bytes()).hexdigest()[:12]}"


def upgrade(database: Database) -> list[str]:
    """Apply what is pending; returns the names. Raises StoreFault for a database of before the first release."""
    with _one_at_a_time(database):
        if isinstance(database, PostgresqlDatabase):
            database.execute_sql(FOLDED)
        runner = Runner(database, MIGRATIONS)
        _require_same_start(runner)
        applied = runner.up()
        # The runner switches SQLite's foreign keys off while it works; nothing may dangle afterwards.
        sqlite = isinstance(database, SqliteDatabase)
        if broken := database.execute_sql("PRAGMA foreign_key_check").fetchall() if sqlite else []:
            raise RuntimeError(f"dangling references after migration in: {sorted({row[0] for row in broken})}")
        return list(applied)


def require_current(database: Database) -> None:
    """Refuse to start on a schema that is older or newer than this program."""
    runner = Runner(database, MIGRATIONS)
    _require_same_start(runner)
    rows = runner.status()
    if any(row.path is None and row.name != mark_of_start() for row in rows):
        raise StoreFault("database_newer")
    if any(row.applied is None for row in rows):
        raise StoreFault("database_older")


def _require_same_start(runner: Runner) -> None:
    """Refuse a database of before the first release, which cannot be upgraded (docs/adr/0034)."""
    history = runner.applied()
    if history and mark_of_start() not in history:
        raise StoreFault("database_of_development")


@contextmanager
def _one_at_a_time(database: Database) -> Iterator[None]:
    """The migration runner itself takes no lock (docs/trials.md, "Migrations")."""
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
