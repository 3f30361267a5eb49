"""The schema that every database begins with, and its own mark (`db.operations.lineage`). Frozen, like every migration.

It is what the first sixteen migrations made together (docs/adr/0034): tables after those that they refer to, with their
indexes, in PostgreSQL's words.
"""

import secrets
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
    written = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for statement in written.split(";\n")[:-1]:
        line = " ".join(statement.split())
        for theirs, ours in _IN_SQLITE.items() if isinstance(db, SqliteDatabase) else ():
            line = line.replace(theirs, ours)
        db.execute_sql(line)
    lineage = Table("lineage", ("id", "token", "epoch", "progress"), _database=db)
    lineage.insert(token=secrets.token_hex(8), epoch=0, progress=0).execute()
