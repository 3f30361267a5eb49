"""The base of all models, their fields, comparison of text inside the database, and one page of a long list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from peewee import SCOPE_VALUES, AutoField, DatabaseProxy, DateTimeField, Field, Model, State, TextField, fn

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

database: DatabaseProxy = DatabaseProxy()
_Card = TypeVar("_Card", bound="DataclassInstance")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
Row = TypeVar("Row")
# No time of what is under way is farther from the present; a deadline is 63 weeks ahead at most.
FARTHEST = timedelta(days=730)


def _write_column(field: Any, context: Any) -> Any:
    """As peewee's own, which took half of the time of most queries (tests/db/engine/test_columns.py)."""
    quote, name = context.state.quote or '""', field.column_name
    if context.scope == SCOPE_VALUES:
        return context.literal(name.join(quote))
    table, aliases = field.model._meta.table, context.alias_manager
    if table._alias:
        aliases[table] = table._alias
    return context.literal(f"{aliases[table].join(quote)}.{name.join(quote)}")


Field.__sql__ = _write_column  # type: ignore[method-assign]


def _asked(name: str) -> property:
    return property(lambda state: state.settings.get(name))


# Peewee asks its state for these with every piece of a query, and in vain first: a sixth of the time of writing one.
ASKED = ("converter", "value_literals", "param", "subquery", "quote", "in_expr", "in_function", "operations")
for _name in ASKED:
    setattr(State, _name, _asked(_name))


class UtcField(DateTimeField):
    """Aware UTC in Python; stored naive with six decimals, so that text in SQLite sorts as time does."""

    def db_value(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return utc.isoformat(" ", "microseconds").removesuffix("+00:00")

    def python_value(self, value: Any) -> datetime | None:
        naive: datetime | None = super().python_value(value)  # type: ignore[no-untyped-call]
        return naive.replace(tzinfo=UTC) if naive is not None else None


class EnumField(TextField):
    """A StrEnum, stored as its text."""

    def __init__(self, enum: type, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enum = enum

    def db_value(self, value: Any) -> str | None:
        return None if value is None else str(value)

    def python_value(self, value: Any) -> Any:
        return None if value is None else self.enum(value)


class Table(Model):
    """Base of every table."""

    id = AutoField()

    class Meta:
        database = database
        legacy_table_names = False


def tuples(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as plain tuples; peewee's stubs promise models of it."""
    return list(query.tuples())


def grouped(pairs: Iterable[tuple[_Key, _Value]]) -> dict[_Key, list[_Value]]:
    """The second of all pairs by their first, in their order."""
    groups: dict[_Key, list[_Value]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def put(table: type[Table], known_by: dict[str, object], **values: object) -> None:
    """Insert the row that is `known_by` these unique columns, or give it these values."""
    target = [getattr(table, name) for name in known_by]
    table.insert(**known_by, **values).on_conflict(conflict_target=target, update=values).execute()


def move_times(rows: Any, was: datetime, jump: timedelta, *names: str) -> None:
    """The clock showed `was`, and was set by `jump`: these times of the rows move along. Null ones stay, and rows from
    before the clock began anew, years away, which a copy that was put back brought.
    """
    for row in list(rows):  # all before the first one moves: read by an index of these times, it would come again
        times = {name: getattr(row, name) for name in names if getattr(row, name) is not None}
        if all(abs(time - was) <= FARTHEST for time in times.values()):
            moved = {name: time + jump for name, time in times.items()}
            type(row).update(moved).where(type(row).id == row.id).execute()


def card_of(kind: type[_Card], row: object, /, **others: Any) -> _Card:
    """A `kind` (a dataclass) of the columns of `row` that its fields are named after, and of `others`."""
    return kind(**{one.name: getattr(row, one.name) for one in fields(kind) if one.name not in others}, **others)


def folded_column(column: object) -> Any:
    """A text column without case and accents, to compare by (`db.engine.connection` gives SQLite the function)."""
    return fn.FOLDED(column)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of `total` rows; `page` counts from 1."""

    rows: list[Row]
    total: int
    page: int
    pages: int


def page_of(ordered: Any, total: int, page: int, per_page: int, rows: Callable[[Any], list[Row]]) -> Page[Row]:
    """Page `page` of `ordered` (a query or a list), or the nearest one; `rows` makes its rows of those."""
    pages = max(1, -(-total // per_page))
    page = min(max(1, page), pages)
    start = (page - 1) * per_page
    some = ordered[start : start + per_page] if isinstance(ordered, list) else ordered.paginate(page, per_page)
    return Page(rows(some), total, page, pages)
