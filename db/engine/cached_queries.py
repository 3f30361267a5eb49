"""Queries whose SQL is made once: making it took longer than running it (docs/reference/trials.md, "The queue on
SQLite").
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from peewee import Database, Value
from peewee import __exception_wrapper__ as translated  # type: ignore[attr-defined]  # not in the stubs

from db.engine.base import UtcField, database

_FIELD = UtcField()


@dataclass(frozen=True, slots=True)
class _Given:
    """`at`: the place in a list."""

    name: str
    at: int | None = None

    def of(self, values: dict[str, Any]) -> object:
        value = values[self.name]
        return _stored(value if self.at is None else value[self.at])


class _Made(NamedTuple):
    query: Any
    sql: str
    places: list[Any]


def given(name: str) -> Any:
    """The place of a value in a `Prepared` query. Times and enums are converted as their fields do."""
    return Value(_Given(name), converter=False)


def inserting(table: Any, *names: str, **values: object) -> "Prepared":
    """An INSERT whose columns `names` are given, beside these fixed `values`."""
    return Prepared(lambda: table.insert(**{name: given(name) for name in names}, **values))


class Prepared:
    """A query of `build`, with `given("…")` in it for values that are never None; its SQL is made once per database. A
    list, for IN, `build` takes by its name; it is filled up with its last value to a power of two, so that the SQL is
    made for few lengths.
    """

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._made: dict[object, _Made] = {}

    def found(self, **values: object) -> list[Any]:
        """The rows as the query itself gives them: models, or tuples with their fields' values."""
        made, cursor = self._run(values)
        return list(made.query._get_cursor_wrapper(cursor))

    def rows(self, **values: object) -> list[tuple[Any, ...]]:
        """The rows of a SELECT, as the driver gives them: times and enums are text."""
        return list(self._run(values)[1].fetchall())

    def first(self, **values: object) -> tuple[Any, ...] | None:
        """The first row of a SELECT."""
        _made, cursor = self._run(values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        cursor.close()  # a half-read one would hold the snapshot
        return row

    def change(self, **values: object) -> int:
        """Run an UPDATE, INSERT or DELETE; returns the number of rows changed."""
        return int(self._run(values)[1].rowcount)

    def change_each(self, names: Sequence[str], rows: Iterable[Sequence[object]], **common: object) -> None:
        """`change` for each row, in the caller's transaction. A row holds the values of `names`; `common` are those of
        all.
        """
        opened = database.obj
        _query, sql, places = self._text(opened, {})
        whole = _filled(places, common | dict.fromkeys(names))
        own = [(at, names.index(place.name)) for at, place in enumerate(places) if _is_given(place, names)]

        def filled(row: Sequence[object]) -> list[object]:
            values = whole.copy()
            for at, which in own:
                values[at] = row[which]
            return values

        with translated:
            opened.cursor().executemany(sql, map(filled, rows))

    def inserted(self, **values: object) -> int:
        """The id of the row that an INSERT made."""
        _made, cursor = self._run(values)
        return int(cursor.fetchone()[0] if cursor.description else cursor.lastrowid)  # RETURNING where there is one

    def _run(self, values: dict[str, Any]) -> tuple[_Made, Any]:
        opened = database.obj
        values = {name: _filled_up(value) if isinstance(value, list) else value for name, value in values.items()}
        made = self._text(opened, values)
        return made, opened.execute_sql(made.sql, _filled(made.places, values))

    def _text(self, opened: Database, values: dict[str, Any]) -> _Made:
        lengths = tuple((name, len(value)) for name, value in values.items() if isinstance(value, list))
        made = self._made.get((type(opened), lengths))
        if made is None:
            lists = {name: [Value(_Given(name, at), converter=False) for at in range(most)] for name, most in lengths}
            query = self._build(**lists)
            made = self._made[type(opened), lengths] = _Made(query, *query.sql())
        return made


def _filled_up(values: list[Any]) -> list[Any]:
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values)) if values else values


def _is_given(place: Any, names: Sequence[str]) -> bool:
    return isinstance(place, _Given) and place.name in names


def _filled(places: list[Any], values: dict[str, object]) -> list[object]:
    return [place.of(values) if isinstance(place, _Given) else place for place in places]


def utc_of(stored: Any) -> datetime:
    """A time that is never null, as `Prepared` rows hold it."""
    value = _FIELD.python_value(stored)
    if value is None:
        raise ValueError("no time where there must be one")
    return value


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return _FIELD.db_value(value)
    return str(value) if isinstance(value, Enum) else value
