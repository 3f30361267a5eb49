"""All rows of one database into another one, SQLite or PostgreSQL, in one transaction: whole or not at all."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from peewee import BlobField, Database, sort_models  # type: ignore[attr-defined]

from db.engine.base import database
from db.engine.connection import is_postgres_database, writing
from db.models.tables import TABLES
from rules.sentences import StoreFault

_AT_ONCE = 1_000


def copy_rows(source: Database, tell: Callable[[str, int], None]) -> dict[str, int]:
    """Copy `source` into the bound, empty database; returns the rows by table, of which `tell` hears. Raises StoreFault
    where some are missing afterwards."""
    counts: dict[str, int] = {}
    with writing():
        for model in sort_models(TABLES):
            table = model._meta.table_name
            model.delete().execute()  # what every fresh database has
            for rows in _batches(model, source):
                _fill(model, rows)
            if is_postgres_database():  # the next row gets the number after the last one's
                last = "GREATEST(MAX(id), 1), MAX(id) IS NOT NULL"
                numbered = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last}) FROM \"{table}\""  # noqa: S608
                database.execute_sql(numbered)
            counts[table] = _equal_count(source, table)
            tell(table, counts[table])
    return counts


def _batches(model: Any, source: Database) -> Iterator[list[tuple[Any, ...]]]:
    has_files = any(isinstance(field, BlobField) for field in model._meta.sorted_fields)
    rows_of, last = model.select().order_by(model.id).limit(1 if has_files else _AT_ONCE).tuples(), 0
    while rows := list(rows_of.where(model.id > last).execute(source)):
        yield rows
        last = rows[-1][0]


def _fill(model: Any, rows: Iterable[tuple[Any, ...]]) -> None:
    """As `insert_many`, which takes five times as long for a million rows: it writes one statement for all values."""
    fields = model._meta.sorted_fields
    columns, places = ", ".join(f'"{field.column_name}"' for field in fields), ", ".join([database.param] * len(fields))
    insert = f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({places})'  # noqa: S608
    converters = [field.db_value for field in fields]
    values = ([convert(value) for convert, value in zip(converters, row, strict=True)] for row in rows)
    database.cursor().executemany(insert, values)


def _equal_count(source: Database, table: str) -> int:
    count = f'SELECT COUNT(*), COALESCE(MAX(id), 0), COALESCE(SUM(id), 0) FROM "{table}"'  # noqa: S608
    here, copied = (tuple(map(int, side.execute_sql(count).fetchone())) for side in (source, database))
    if here != copied:
        raise StoreFault("move_count", table=table, there=here[0], here=copied[0])
    return here[0]
