"""For tests of the journal: what somebody can do who owns the database."""

import shutil
from pathlib import Path

from db.engine.base import database
from db.engine.connection import is_postgres_database
from db.journal.chain import create_guards
from tests.support.postgres import LET_TESTS_DATE

_gone = [False]


def take_guards_away() -> None:
    """No trigger stands in the way any more, for the rest of the test."""
    _gone[0] = True
    for table in ("audit_entry", "audit_seal", "audit_anchor"):
        for event in ("update", "delete"):
            on = f" ON {table}" if is_postgres_database() else ""
            database.execute_sql(f"DROP TRIGGER IF EXISTS {table}_{event}_guard{on}")


def put_guards_back() -> None:
    """PostgreSQL's database is that of the next test too."""
    if _gone[0]:
        _gone[0] = False
        create_guards()
        database.execute_sql(LET_TESTS_DATE)


def copied(seeded: Path, to: Path) -> None:
    """A copy of the database, with the key that signs its journal beside it."""
    shutil.copy(seeded, to)
    shutil.copy(seeded.with_name("journal.key"), to.with_name("journal.key"))
