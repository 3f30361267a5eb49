"""For tests of the journal: what somebody can do who owns the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from db.engine.base import database
from db.engine.connection import is_postgres_database
from db.journal.guards import create_guards

TABLES = ("audit_entry", "audit_seal", "audit_anchor")


def take_guards_away() -> None:
    """No trigger stands in the way any more."""
    for table in TABLES:
        for event in ("update", "delete"):
            on = f" ON {table}" if is_postgres_database() else ""
            database.execute_sql(f"DROP TRIGGER IF EXISTS {table}_{event}_guard{on}")


@contextmanager
def unguarded() -> Iterator[None]:
    """The triggers are away for the length of the block."""
    take_guards_away()
    yield
    create_guards()
