"""One page of a list, with its number and the total. Made by `Page(…)`: Python 3.11 fails at `Page[…](…)`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of `total` rows; `page` counts from 1."""

    rows: list[Row]
    total: int
    page: int
    pages: int


def page_of(ordered: Any, total: int, page: int, per_page: int, rows: Callable[[Any], list[Row]]) -> Page[Row]:
    """Page `page` of the query `ordered`, or the nearest that there is; `rows` makes its rows of the query's."""
    pages = max(1, -(-total // per_page))
    page = min(max(1, page), pages)
    return Page(rows(ordered.paginate(page, per_page)), total, page, pages)


def page_in(found: Sequence[Any], page: int, per_page: int, rows: Callable[[Any], list[Row]]) -> Page[Row]:
    """The same of all rows that there are."""
    pages = max(1, -(-len(found) // per_page))
    page = min(max(1, page), pages)
    return Page(rows(found[(page - 1) * per_page : page * per_page]), len(found), page, pages)
