"""The schema that every database begins with, and its own mark (`db.operations.lineage`).

The statements are in `0001_start.sql`, in PostgreSQL's words, written by `python -m tools.schema` from the models. The
history records which statements they were, so that a database that began with others is detected (docs/adr/0034).
"""

import secrets
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase, Table

_IN_SQLITE = {
    " SERIAL": " INTEGER",
    " BIGINT": " INTEGER",
    " BOOLEAN": " INTEGER",
    " TIMESTAMP": " DATETIME",
    " BYTEA": " BLOB",
}


def up(migrator: Any, db: Any) -> None:
    """Make every table, the one row of `lineage`, and the mark of the statements in the history."""
    statements = Path(__file__).with_suffix(".sql").read_bytes()
    for statement in statements.decode().split(";\n")[:-1]:
        line = " ".join(statement.split())
        for theirs, ours in _IN_SQLITE.items() if isinstance(db, SqliteDatabase) else ():
            line = line.replace(theirs, ours)
        db.execute_sql(line)
    lineage = Table("lineage", ("id", "token", "epoch", "progress"), _database=db)
    lineage.insert(token=secrets.token_hex(8), epoch=0, progress=0).execute()
    history = Table("schema_migration", ("id", "name", "applied"), _database=db)
    history.insert(name=f"start-{sha256(statements).hexdigest()[:12]}", applied=datetime.now()).execute()  # noqa: DTZ005  as playhouse's own rows
