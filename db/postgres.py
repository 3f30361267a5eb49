"""PostgreSQL, for when one machine is outgrown: several hosts with modems, and consoles, share one database."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from peewee import Database, PostgresqlDatabase

from db.refusals import Refusal

# A commit is told on this channel: a hint, never the truth (the tables are).
CHANNEL = "plp_commit"

_GLANCE_S = 0.001

# What `db.folding.folded` does, inside the database.
_FOLDED = r"""
    CREATE OR REPLACE FUNCTION folded(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT regexp_replace(normalize(lower(btrim(coalesce(given, ''))), NFKD), '[\u0300-\u036f]', '', 'g')
    $$
"""


def is_postgres(url: str) -> bool:
    """True for `postgresql://user@host/name`."""
    return urlsplit(url).scheme in ("postgresql", "postgres")


def postgres_database(url: str) -> PostgresqlDatabase:
    """A database that is not yet opened. Raises Refusal when the driver for it is not installed."""
    try:
        import psycopg  # noqa: F401  (the extra `postgres`; a box with SQLite does not need it)
    except ImportError:
        raise Refusal(
            "[database] url : PostgreSQL demande un paquet de plus ; installez « plp-alerte[postgres] »."
        ) from None
    return PostgresqlDatabase(url, prefer_psycopg3=True)


def create_functions(database: Database) -> None:
    """What the queries call; made anew with each upgrade of the schema."""
    if isinstance(database, PostgresqlDatabase):
        database.execute_sql(_FOLDED)


def tell_commit(database: Database) -> None:
    """Inside a transaction: whoever listens hears of it when it commits."""
    if isinstance(database, PostgresqlDatabase):
        database.execute_sql(f"NOTIFY {CHANNEL}")


class CommitListener:
    """`changed()` is True when somebody committed since; after a lost connection it is True once, to look again."""

    def __init__(self, database: PostgresqlDatabase) -> None:
        self._url = database.database
        self._connection: Any = None
        self._connect()

    def changed(self) -> bool:
        """Waits no longer than a glance at the socket takes. Raises OperationalError while the server is away."""
        import psycopg
        from peewee import OperationalError

        try:
            if self._connection is None:
                self._connect()
                return True
            heard = list(self._connection.notifies(timeout=_GLANCE_S))  # all of them: they are one hint
            return bool(heard)
        except psycopg.OperationalError as error:
            self.close()
            raise OperationalError(str(error)) from error

    def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def _connect(self) -> None:
        import psycopg

        connection = psycopg.connect(self._url, autocommit=True)
        connection.execute(f"LISTEN {CHANNEL}")
        self._connection = connection
