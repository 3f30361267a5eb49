"""Comparison without case and accents, inside the database."""

from typing import Any

from peewee import fn


def folded_column(column: object) -> Any:
    """The same of a text column, inside the database (`db.engine.connection` gives SQLite the function)."""
    return fn.FOLDED(column)
