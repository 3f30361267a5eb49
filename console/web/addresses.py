"""Row numbers in the addresses of pages."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

# The largest that both databases take for a row's number.
LARGEST_ID = 2**31 - 1


class RowNumber(IntegerConverter):
    """`<int:…>`: no row has a number beyond what a database can be asked for, so that page does not exist."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = None) -> None:
        super().__init__(map, fixed_digits, min, max if max is not None else LARGEST_ID)


def init_addresses(app: Flask) -> None:
    """Before any page is registered."""
    app.url_map.converters["int"] = RowNumber
