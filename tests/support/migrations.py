"""Databases of older versions."""

from pathlib import Path

from peewee import Database
from playhouse.migrations import Runner

from db.engine import schema


def upgraded_to(opened: Database, folder: Path, last: str) -> None:
    """Apply the migrations up to and with `last`."""
    some = folder / "some"
    some.mkdir()
    for path in sorted(schema.MIGRATIONS.glob("0*")):
        if path.stem <= last:
            (some / path.name).write_bytes(path.read_bytes())
    Runner(opened, some).up()


def pending(opened: Database) -> list[str]:
    """Names of the migrations that this database has not had, in order."""
    return [row.name for row in Runner(opened, schema.MIGRATIONS).status() if row.applied is None]
