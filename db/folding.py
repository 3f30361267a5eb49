"""Words compared and ordered as people do: without case and accents."""

import unicodedata
from typing import Any

from peewee import fn


def folded(text: str) -> str:
    """Lower case, without accents or surrounding space."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def folded_column(column: object) -> Any:
    """The same of a text column, inside the database (`db.connection` gives SQLite the function)."""
    return fn.FOLDED(column)
