"""Queries whose SQL is made once: that took longer than to run it (docs/trials.md, "The queue on SQLite")
(docs/adr/0011)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from inspect import signature
from typing import Any, NamedTuple

from peewee import Database, SqliteDatabase, Value
from peewee import __exception_wrapper__ as translated  # type: ignore[attr-defined]  # not in the stubs

from db.engine.base import UtcField, database

_FIELD = UtcField()
# Of the queries for one message nearly all have the same moment.
_stored_time = lru_cache(maxsize=16)(_FIELD.db_value)
_AS_THEY_ARE = frozenset({str, int, bool})


@dataclass(frozen=True, slots=True)
class _Given:
    """`key` is its name; in a list, its name and its place in it."""

    key: str | tuple[str, int]


class _Made(NamedTuple):
    """`places` are the keys of the parameters in order; `fixed` are those of the query itself, by their place."""

    query: Any
    sql: str
    places: Sequence[object]
    fixed: dict[object, object]

    def filled(self, given: dict[Any, object]) -> list[object]:
        values = self.fixed | given
        return [values[place] for place in self.places]


def given(name: str) -> Any:
    """The place of a value in a `Prepared` query. Times and enums are converted as their fields do."""
    return Value(_Given(name), converter=False)


def inserting(table: Any, *names: str, **values: object) -> "Prepared":
    """An INSERT whose columns `names` are given, beside these fixed `values`."""
    return Prepared(lambda: table.insert(**{name: given(name) for name in names}, **values))


class Prepared:
    """A query with `given("…")` in it for values that are never None. A query that differs between the databases, as an
    INSERT does, is given as a function. The arguments of such a function are lists, for IN (one with a default may be
    left out): filled up with their last value to a power of two, so that the SQL is made for few lengths.
    """

    def __init__(self, query: Any) -> None:
        self._build = query if callable(query) else lambda: query
        self._lists = tuple(signature(self._build).parameters)
        self._made: dict[object, _Made] = {}

    def results(self, **values: object) -> list[Any]:
        """The rows as the query itself gives them: models, or tuples with their fields' values."""
        made, cursor = self._run(values)
        return list(made.query._get_cursor_wrapper(cursor))

    def result(self, **values: object) -> Any | None:
        return next(iter(self.results(**values)), None)

    def rows(self, **values: object) -> list[tuple[Any, ...]]:
        """The rows of a SELECT, as the driver gives them: times and enums are text."""
        return list(self._run(values)[1].fetchall())

    def first(self, **values: object) -> tuple[Any, ...] | None:
        _made, cursor = self._run(values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()  # a half-read one would hold the snapshot
        return row

    def change(self, **values: object) -> int:
        """Run an UPDATE, INSERT or DELETE; returns the number of rows changed."""
        return int(self._run(values)[1].rowcount)

    def change_each(self, names: Sequence[str], rows: Iterable[Sequence[object]], **common: object) -> None:
        """`change` for every row of the values of `names`, in the caller's transaction; `common` are those of all."""
        opened = database.obj
        sql, filled = self._each(opened, names, rows, common)
        with translated:
            opened.cursor().executemany(sql, filled)

    def inserted_each(
        self, names: Sequence[str], rows: Iterable[Sequence[object]], **common: object
    ) -> list[tuple[Any, ...]]:
        """`change_each` on PostgreSQL, of an INSERT with RETURNING: the row that is given back for each, in order."""
        opened = database.obj
        sql, filled = self._each(opened, names, rows, common)
        cursor, found = opened.cursor(), []
        with translated:
            cursor.executemany(sql, filled, returning=True)
            more = cursor.pgresult is not None
            while more:
                found += cursor.fetchall()
                more = cursor.nextset()
        return found

    def _each(
        self, opened: Database, names: Sequence[str], rows: Iterable[Sequence[object]], common: dict[str, object]
    ) -> tuple[str, Iterator[list[object]]]:
        made = self._text(opened, ())
        whole = made.filled(dict.fromkeys(names) | _all_stored(common))
        own = [(at, names.index(place)) for at, place in enumerate(made.places) if place in names]

        def filled(row: Sequence[object]) -> list[object]:
            values = whole.copy()
            for at, which in own:
                values[at] = row[which]
            return values

        return made.sql, map(filled, rows)

    def inserted(self, **values: object) -> int:
        _made, cursor = self._run(values)
        return int(cursor.fetchone()[0] if cursor.description else cursor.lastrowid)  # RETURNING where it has one

    def _run(self, values: dict[str, Any]) -> tuple[_Made, Any]:
        opened = database.obj
        given: dict[Any, object] = _all_stored(values)
        sizes = ((name, len(values[name])) for name in self._lists if name in values)
        lengths = tuple([(name, 1 << (size - 1).bit_length() if size else 0) for name, size in sizes])
        for name, most in lengths:
            some = values[name]
            given |= {(name, at): _stored(some[min(at, len(some) - 1)]) for at in range(most)}
        made = self._text(opened, lengths)
        return made, opened.execute_sql(made.sql, made.filled(given))

    def _text(self, opened: Database, lengths: tuple[tuple[str, int], ...]) -> _Made:
        made = self._made.get((type(opened), lengths))
        if made is None:
            lists = {name: [Value(_Given((name, at)), converter=False) for at in range(most)] for name, most in lengths}
            query = self._build(**lists)
            sql, values = _written_out(*query.sql()) if isinstance(opened, SqliteDatabase) else query.sql()
            places = [value.key if isinstance(value, _Given) else at for at, value in enumerate(values)]
            made = self._made[type(opened), lengths] = _Made(query, sql, places, dict(enumerate(values)))
        return made


def _written_out(sql: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    """Put the query's own values into the text: SQLite makes its plan anew for each value that a partial index is held
    against, each time that it is given.
    """
    first, *pieces = sql.split("?")
    if len(pieces) != len(values):  # one is in a text
        return sql, list(values)
    text, left = [first], []
    for value, piece in zip(values, pieces, strict=True):
        if isinstance(value, int | str):
            text.append(str(int(value)) if isinstance(value, int) else "'{}'".format(value.replace("'", "''")))
        else:
            text.append("?")
            left.append(value)
        text.append(piece)
    return "".join(text), left


def _all_stored(values: dict[str, Any]) -> dict[Any, object]:
    return {name: value if type(value) in _AS_THEY_ARE else _stored(value) for name, value in values.items()}


def utc_of(stored: Any) -> datetime:
    """A time that is never null, as `Prepared` rows hold it."""
    value = _FIELD.python_value(stored)
    if value is None:
        raise ValueError("no time where one must be")
    return value


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return _stored_time(value)
    return str(value) if isinstance(value, Enum) else value
