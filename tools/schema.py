"""Writes `db/migrations/0001_start.sql`, the schema that every database begins with, from the models in `db/models/`.

`python -m tools.schema` after a model has changed. `python -m tools.schema --freeze`, once, with the first release:
from then on the file never changes, and the next change of a table is migration 0002 (docs/adr/0034).
"""

import json
import shutil
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peewee import (
    BlobField,
    BooleanField,
    Field,
    FloatField,
    ForeignKeyField,
    IntegerField,
    PostgresqlDatabase,
    sort_models,
)

from db.engine import schema
from db.engine.base import EnumField, UtcField
from db.models.tables import TABLES

FILE = schema.MIGRATIONS / "0001_start.sql"
# The statements of the first release, and rows of every table, from which a test upgrades for ever.
FROZEN = Path(__file__).parents[1] / "tests" / "data" / "schema-1.0"
FIRST_ID = 7001
SINCE = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)


def statements() -> list[str]:
    """In PostgreSQL's words: tables after those that they refer to, with their indexes."""
    database = PostgresqlDatabase("")
    lines = []
    with database.bind_ctx(TABLES):
        for model in sort_models(TABLES):
            maker = model._schema
            for context in (maker._create_table(safe=False), *maker._create_indexes(safe=False)):
                text, values = context.query()
                assert not values, text  # a statement of the schema has its values in it
                lines.append(text)
    return lines


def written() -> str:
    """The file's text, wrapped for reading."""
    return "".join(
        textwrap.fill(line, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) + ";\n"
        for line in statements()
    )


def old_rows() -> dict[str, list[dict[str, Any]]]:
    """By table, those that are referred to first: a row with every column, and one without what may be missing."""
    return {
        model._meta.table_name: [
            {
                field.column_name: _value(field, number)
                for field in model._meta.sorted_fields
                if number or not field.null
            }
            for number in (1, 0)
        ]
        for model in sort_models(TABLES)
    }


def _value(field: Field, number: int) -> Any:
    """As JSON has it; a BLOB in hexadecimal."""
    if field.primary_key or isinstance(field, ForeignKeyField):
        return FIRST_ID + number
    if isinstance(field, BooleanField):
        return bool(number)
    if isinstance(field, FloatField):
        return number + 0.25
    if isinstance(field, IntegerField):
        return number
    if isinstance(field, BlobField):
        return bytes((0, 255, number)).hex()
    if isinstance(field, EnumField):
        return str(list(field.enum)[number])
    if isinstance(field, UtcField):
        return field.db_value(SINCE + timedelta(days=number))
    return f"{field.model._meta.table_name}.{field.column_name} {number}: é ’ € \" ' \\ ;"


def freeze(folder: Path = FROZEN) -> None:
    """Keep the statements and the rows of the first release."""
    folder.mkdir(parents=True)
    shutil.copyfile(FILE, folder / "start.sql")
    text = json.dumps(old_rows(), ensure_ascii=False, indent=1)
    (folder / "rows.json").write_text(f"{text}\n", encoding="utf-8")


def main(*arguments: str) -> None:
    if FROZEN.exists():
        sys.exit(f"{FILE.name} is frozen since 1.0: write the change as a migration, db/migrations/0002_….py")
    FILE.write_text(written(), encoding="utf-8")
    if arguments == ("--freeze",):
        freeze()


if __name__ == "__main__":
    main(*sys.argv[1:])
