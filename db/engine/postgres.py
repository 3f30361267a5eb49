"""PostgreSQL, which several hosts with modems and consoles can share."""

import ipaddress
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from peewee import OperationalError, PostgresqlDatabase

from db.engine import clock
from rules.sentences import StoreFault

if TYPE_CHECKING:
    from psycopg import Connection

# A commit is announced on this channel: a hint, never the truth (the tables are).
CHANNEL = "plp_commit"

# What libpq may not fall back from to a connection in the clear.
_ENCRYPTED = ("require", "verify-ca", "verify-full")
_GLANCE_S = 0.001
_FOLLOW_CLOCK_EVERY_S: Final = timedelta(minutes=1).total_seconds()

# A server, or a host, that vanishes without a word is noticed by the other side within half a minute, not after the
# two hours of TCP's own: its row locks and its daemon's lock would stand so long. Nobody waits for a lock for ever.
_CONNECTION: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "options": (
        "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=20000 "
        "-c lock_timeout=5000"
    ),
    "target_session_attrs": "read-write",
}

_INCARNATION = "SELECT oid || ' ' || pg_postmaster_start_time() FROM pg_database WHERE datname = current_database()"

# What `rules.collation.folded` does, inside the database.
FOLDED = r"""
    CREATE OR REPLACE FUNCTION folded(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT pg_catalog.regexp_replace(
            normalize(
                pg_catalog.translate(pg_catalog.lower(pg_catalog.btrim(coalesce(given, ''))), '’‘ʼ`´', ''''''''''''),
                NFKD
            ),
            '[\u0300-\u036f]', '', 'g'
        )
    $$
"""


def is_postgres(url: str) -> bool:
    """True for `postgresql://user@host/name`."""
    return urlsplit(url).scheme in ("postgresql", "postgres")


def has_own_password() -> bool:
    """True for a unit with a role of its own, whose password is in a file of libpq's form that only its user reads."""
    return "PGPASSFILE" in os.environ


def use_password(content: str) -> None:
    """Of every connection of this process and of PostgreSQL's programs that it calls, unless its address has one: the
    first line. In libpq's own files a password is one user's, and three use this one.
    """
    os.environ["PGPASSWORD"] = content.partition("\n")[0].strip()


def driver_address(url: str) -> str:
    """The address of `url` as psycopg and PostgreSQL's programs read it, whichever driver it names. PGUSER, which a
    unit sets for a role of its own, goes before the user in it, which a person's commands have.
    """
    address = "postgresql:" + url.partition(":")[2]
    role = os.environ.get("PGUSER")
    return re.sub(r"(?<=^postgresql://)[^/@?#]*@", f"{quote(role)}@", address) if role else address


def plain_connection(url: str) -> "Connection[tuple[Any, ...]]":
    """A connection of its own, past peewee, each statement a transaction. Raises StoreFault where no server answers."""
    import psycopg

    try:
        return psycopg.connect(driver_address(url), autocommit=True, connect_timeout=5)
    except psycopg.Error as error:
        raise unanswered(error) from None


def unanswered(error: Exception) -> StoreFault:
    """The fault of a server that gave this error, with the error's first line as its reason."""
    return StoreFault("backup_server", why=str(error).strip().split("\n")[0])


def postgres_database(url: str) -> PostgresqlDatabase:
    """A database that is not yet opened. Raises StoreFault when the driver for it is not installed."""
    try:
        import psycopg  # noqa: F401  (the extra `postgres`; a box with SQLite does not need it)
    except ImportError:
        raise StoreFault("database_no_driver") from None
    address = driver_address(url)
    _require_encryption(address)
    return Postgres(address, prefer_psycopg3=True, **_CONNECTION)


def other_machines(url: str) -> list[str]:
    """The servers that an address names, but for this machine. Raises StoreFault where it is none."""
    named = _named(driver_address(url))
    hosts = f"{named.get('hostaddr') or named.get('host') or os.environ.get('PGHOST', '')}".split(",")
    return [host for host in hosts if not _is_of_this_machine(host)]


def _require_encryption(address: str) -> None:
    """Refuse a connection that would carry numbers and texts over a network unencrypted. Raises StoreFault."""
    mode = _named(address).get("sslmode") or os.environ.get("PGSSLMODE")
    if mode not in _ENCRYPTED and (hosts := other_machines(address)):
        raise StoreFault("database_unencrypted", host=", ".join(hosts))


def _named(address: str) -> dict[str, Any]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return dict(conninfo_to_dict(address))
    except ProgrammingError as error:
        raise StoreFault("database_bad_address", why=str(error).strip()) from None


def _is_of_this_machine(host: str) -> bool:
    if not host or host[0] in "/@" or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Postgres(PostgresqlDatabase):
    """Reopens a lost connection with the next query, in any thread; inside a transaction that query fails instead."""

    _state: Any  # peewee's, of this thread
    _followed_clock_s = 0.0
    # The database behind the newest connection of any thread: another one after a restart, a failover, or a restore.
    incarnation = ""

    def cursor(self, named_cursor: Any = None) -> Any:
        """As peewee's. Raises psycopg's OperationalError while the server is away."""
        if not self.in_transaction():
            self._heal()
        return super().cursor(named_cursor)  # type: ignore[no-untyped-call]

    def begin(self, isolation_level: Any = None) -> None:
        """If the connection turns out to be closed only now, nothing was lost, so the caller is not informed."""
        try:
            super().begin(isolation_level)
        except OperationalError:
            if not self._is_broken():
                raise
            super().begin(isolation_level)
        if time.monotonic() - self._followed_clock_s > _FOLLOW_CLOCK_EVERY_S:
            self._follow_clock(self._state.conn)

    def commit(self) -> None:
        """On the connection of the transaction, or not at all."""
        if self._is_broken():
            raise OperationalError("the connection was lost within the transaction")
        super().commit()

    def rollback(self) -> None:
        """Roll back; on a lost connection nothing need be done, because the server has rolled back."""
        if not self._is_broken():
            super().rollback()

    def _initialize_connection(self, conn: Any) -> None:
        _store_any_text(conn)
        self._follow_clock(conn)
        self.incarnation = conn.execute(_INCARNATION).fetchone()[0]

    def _is_broken(self) -> bool:
        return not self._state.closed and bool(self._state.conn.closed)

    def _heal(self) -> None:
        if self._state.closed or self._is_broken():
            contexts = self._state.ctx
            self.close()
            try:
                self.connect()
            finally:
                self._state.ctx = contexts  # `connected()` blocks end where they began

    def _follow_clock(self, conn: Any) -> None:
        clock.follow(conn.execute("SELECT clock_timestamp()").fetchone()[0])
        self._followed_clock_s = time.monotonic()


def _store_any_text(connection: Any) -> None:
    """PostgreSQL has no U+0000 in its texts. A stick, a stranger's SMS or a form may: it is stored as U+FFFD."""
    from psycopg.types.string import StrDumperUnknown

    class AnyText(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))

    connection.adapters.register_dumper(str, AnyText)


class Aside:
    """A connection beside those of the queries, which notices a lost server; opened by `open`."""

    def __init__(self, database: PostgresqlDatabase) -> None:
        self._url = database.database
        self._connection: Any = None

    def open(self) -> None:
        """Connect, again if necessary. Raises OperationalError while the server is away."""
        import psycopg

        self.close()
        with self._closing_when_lost():
            self._connection = psycopg.connect(self._url, autocommit=True, **_CONNECTION)

    def ask(self, sql: str, *values: object) -> Any:
        """One row of an answer. Raises OperationalError when the connection is lost."""
        with self._closing_when_lost():
            cursor = self._connection.execute(sql, values)
            return cursor.fetchone() if cursor.description else None

    @property
    def is_open(self) -> bool:
        """False before `open`, after `close`, and when `heard` saw the connection lost."""
        return self._connection is not None

    def heard(self, timeout_s: float = _GLANCE_S) -> bool:
        """True when something was notified, as soon as it is; raises OperationalError when the connection is lost."""
        with self._closing_when_lost():
            heard = self._connection.notifies(timeout=max(timeout_s, _GLANCE_S), stop_after=1)
            return bool(list(heard))  # all that came together: they are one hint

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    @contextmanager
    def _closing_when_lost(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.OperationalError as error:
            self.close()
            raise OperationalError(error, *error.args) from error


class CommitListener(Aside):
    """Notices of commits; the loss of their connection is to be looked at like a commit."""

    def __init__(self, database: PostgresqlDatabase) -> None:
        super().__init__(database)
        self._listen()

    def wait(self, timeout_s: float) -> bool:
        """True as soon as somebody committed since the last call, or the connection was lost or is back; False after
        `timeout_s`. Raises OperationalError while the server is away.
        """
        if not self.is_open:
            self._listen()
            return True
        try:
            return self.heard(timeout_s)
        except OperationalError:
            return True

    def _listen(self) -> None:
        self.open()
        self.ask(f"LISTEN {CHANNEL}")


class AdvisoryLock(Aside):
    """An advisory lock: one holder of `name` in this database, until `close`. It is lost with its connection."""

    def __init__(self, database: PostgresqlDatabase, name: str) -> None:
        super().__init__(database)
        self._name = name

    def take(self) -> bool:
        """False when another has it. Raises OperationalError while the server is away."""
        self.open()
        taken = bool(self.ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", self._name)[0])
        if not taken:
            self.close()
        return taken

    def is_held(self) -> bool:
        """False once the connection was lost; a glance at the socket."""
        if not self.is_open:
            return False
        try:
            self.heard()
        except OperationalError:
            return False
        return True
