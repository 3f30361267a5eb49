"""Writes `db/migrations/0001_start.sql`, the schema that every database begins with, from the models in `db/models/`.

`python -m tools.schema` after a model has changed. Until the first release there is no other migration (docs/adr/0034);
from then on the file is frozen.
"""

import textwrap
from pathlib import Path

from peewee import PostgresqlDatabase, sort_models

from db.engine import schema
from db.models.tables import TABLES

FILE = schema.MIGRATIONS / "0001_start.sql"


def statements() -> list[str]:
    """In PostgreSQL's words: tables after those that they refer to, each followed by its indexes."""
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


if __name__ == "__main__":
    Path(FILE).write_text(written(), encoding="utf-8")
