"""All rows of one database into another one, SQLite or PostgreSQL: table by table, each whole or not at all, so that an
interrupted copy continues where it stopped. Raises StoreFault.

Past peewee on purpose: a million rows through its models take ten times as long.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from peewee import sort_models  # type: ignore[attr-defined]

from db.engine.connection import sqlite_path
from db.engine.postgres import is_postgres, plain_connection
from db.models.tables import TABLES
from rules.sentences import StoreFault

Row = Sequence[Any]
# Of the target, while it is filled: each table that is whole, and under "" of which source.
MARKS = "moved_table"
_AT_ONCE = 5_000


class SqliteSide:
    """One SQLite file."""

    def __init__(self, url: str, folder: Path) -> None:
        self._connection = sqlite3.connect(sqlite_path(url, folder), isolation_level=None)

    def execute(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql.replace("%s", "?"), values).fetchall()

    def rows(self, sql: str) -> Iterator[Row]:
        return iter(self._connection.execute(sql))

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        into = f"INSERT INTO {table} ({_listed(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        self._connection.executemany(into, (tuple(map(_in_sqlite, row)) for row in rows))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:  # commits, or rolls back
            yield

    def number_on(self, table: str) -> None:
        """SQLite counts by the rows that it has."""

    def close(self) -> None:
        self._connection.close()


class PostgresSide:
    """One database of a PostgreSQL server."""

    def __init__(self, url: str, _folder: Path) -> None:
        self._connection = plain_connection(url)

    def execute(self, sql: str, *values: object) -> list[Row]:
        cursor = self._connection.execute(sql.encode(), values or None)
        return list(cursor.fetchall()) if cursor.description else []

    def rows(self, sql: str) -> Iterator[Row]:
        with self._connection.transaction(), self._connection.cursor("moving") as cursor:
            cursor.itersize = _AT_ONCE
            yield from cursor.execute(sql.encode())

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        with self._connection.cursor().copy(f"COPY {table} ({_listed(columns)}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write("\t".join(map(_in_postgres, row)) + "\n")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._connection.transaction():
            yield

    def number_on(self, table: str) -> None:
        """The next row gets the number after the last one's."""
        self.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), GREATEST(MAX(id), 1), MAX(id) IS NOT NULL) "  # noqa: S608
            f"FROM {table}"
        )

    def close(self) -> None:
        self._connection.close()


Side = SqliteSide | PostgresSide


def side(url: str, folder: Path) -> Any:
    """A connection to the database of `url`, to be used within a `with`."""
    return closing(PostgresSide(url, folder) if is_postgres(url) else SqliteSide(url, folder))


def _in_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return int(value) if isinstance(value, bool) else value


def _in_postgres(value: Any) -> str:
    """As COPY reads it. PostgreSQL has no U+0000 in its texts (`db.engine.postgres`)."""
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    text = str(value)
    if "\\" in text or not text.isprintable():
        text = text.replace("\\", "\\\\").replace("\0", "\N{REPLACEMENT CHARACTER}")
        text = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return text


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def source_of(target: Side) -> str:
    """The mark of the source that the target is being filled from, "" for none."""
    known = "sqlite_master WHERE name" if isinstance(target, SqliteSide) else "pg_tables WHERE tablename"
    if not target.execute(f"SELECT 1 FROM {known} = %s", MARKS)[:1]:  # noqa: S608
        return ""
    return str(target.execute(f"SELECT mark FROM {MARKS} WHERE name = ''")[0][0])  # noqa: S608


def begin_filling(target: Side, source_mark: str) -> None:
    """Note of which source an empty target is filled."""
    with target.transaction():
        target.execute(f"CREATE TABLE {MARKS} (name TEXT PRIMARY KEY, mark TEXT)")
        target.execute(f"INSERT INTO {MARKS} VALUES ('', %s)", source_mark)  # noqa: S608


def copy_rows(source: Side, target: Side, told: Callable[[str, int], None]) -> None:
    """Copy what the target lacks; `told` is called with each table and its number of rows."""
    done = {name for (name,) in target.execute(f"SELECT name FROM {MARKS}")}  # noqa: S608
    for model in sort_models(TABLES):
        table = model._meta.table_name
        columns = [field.column_name for field in model._meta.sorted_fields]
        if table not in done:
            with target.transaction():
                target.execute(f'DELETE FROM "{table}"')  # noqa: S608  (what every fresh database has)
                ordered = f'SELECT {_listed(columns)} FROM "{table}" ORDER BY id'  # noqa: S608
                target.fill(f'"{table}"', columns, source.rows(ordered))
                target.number_on(f'"{table}"')
                target.execute(f"INSERT INTO {MARKS} VALUES (%s, '')", table)  # noqa: S608
        told(table, _equal_count(source, target, table))


def _equal_count(source: Side, target: Side, table: str) -> int:
    count = f'SELECT COUNT(*), COALESCE(MAX(id), 0), COALESCE(SUM(id), 0) FROM "{table}"'  # noqa: S608
    (here,), (copied,) = source.execute(count), target.execute(count)
    if tuple(map(int, here)) != tuple(map(int, copied)):
        raise StoreFault("move_count", table=table, there=here[0], here=copied[0])
    return int(here[0])


def end_filling(target: Side) -> None:
    """It is a database as any other from now on."""
    target.execute(f"DROP TABLE {MARKS}")
