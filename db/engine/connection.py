"""The one database, opened by URL and written under one lock per process; bulk writes; locks of one host
(docs/adr/0013)."""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import unquote, urlsplit

from peewee import Database as Database  # the others name the type without knowing peewee
from peewee import InterfaceError, OperationalError, PostgresqlDatabase, SqliteDatabase

from base.settings.values import Settings
from base.watchdog import alive
from db.engine.base import Table, database
from db.engine.kept_connections import KEPT_FOR_S, KeptSqlite, SqliteConnection
from db.engine.postgres import CHANNEL, AdvisoryLock, is_postgres, postgres_database
from db.engine.write_fairness import WriteFairness
from rules.collation import folded
from rules.sentences import StoreFault

# Peewee gives every thread its own connection; this lock removes SQLITE_BUSY between threads of one process
# (docs/trials.md, "The queue on SQLite"), and BEGIN IMMEDIATE with the busy time-out orders the processes.
write_lock = threading.RLock()
# Between the processes on one SQLite file, and between the threads of this one.
_fairness = WriteFairness(None)
_state_folder = Path()
# The database is away, locked for too long, or its disk is full: wait and try again.
_DEADLOCK = "40P01"  # of PostgreSQL's SQLSTATEs, appendix A of its manual
UNAVAILABLE: tuple[type[Exception], ...] = (OperationalError, InterfaceError)
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "secure_delete": 1,
}
# Statements that a connection keeps ready; Python's own number is 128, and a process has several hundred.
KEPT_STATEMENTS = 1000
# Target duration of one transaction, whatever the rows and the disk; no writer should wait for 50 ms.
GOAL_S = 0.02
FIRST_CHUNK = 50
# Where beginning and committing alone take the goal, a list of one row each would take an hour.
LEAST_CHUNK = 25
CHUNK = 500
_Item = TypeVar("_Item")


def sqlite_path(url: str, folder: Path) -> Path:
    """The file of a `sqlite:///relative` or `sqlite:////absolute` URL; relative ones start at `folder`."""
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or not parts.path.startswith("/") or len(parts.path) < 2:
        raise StoreFault("database_no_address", url=url)
    return folder / unquote(parts.path[1:])


@contextmanager
def kept_connections() -> Iterator[None]:
    """During the block SQLite connections of the bound database stay open between `connected` blocks."""
    opened = database.obj
    if not isinstance(opened, KeptSqlite):
        yield
        return
    opened.keeps_connections = True
    try:
        yield
    finally:
        opened.keeps_connections = False
        opened.close_idle()


def sqlite_database(path: Path) -> SqliteDatabase:
    """An SQLite database with this product's durability, not yet opened."""
    opened = KeptSqlite(
        str(path),
        pragmas=SQLITE_PRAGMAS,
        lock_type="IMMEDIATE",
        cached_statements=KEPT_STATEMENTS,
        factory=SqliteConnection,
        check_same_thread=False,
        max_connections=None,
        stale_timeout=KEPT_FOR_S,
    )
    # SQLite itself folds ASCII only: `noël` would not find `NOËL`, and `Émile` would stand after `Zoé`.
    opened.register_function(lambda text: folded(text or ""), "folded", 1)
    return opened


def state_folder_of(url: str, folder: Path) -> Path:
    """Folder of this machine's own files: beside SQLite's file, or with PostgreSQL `var` in `folder` of config.ini."""
    return folder / "var" if is_postgres(url) else sqlite_path(url, folder).parent


def bound_state_folder() -> Path:
    """Folder of this machine's own files, for the database that is bound."""
    return _state_folder


def bind(url: str, folder: Path) -> Database:
    """Bind the models to the database of `url`. Raises StoreFault when it names none, or its file cannot be made."""
    global _fairness, _state_folder
    opened = postgres_database(url) if is_postgres(url) else _sqlite(url, folder)
    _fairness = WriteFairness(None if is_postgres(url) else sqlite_path(url, folder))
    _state_folder = state_folder_of(url, folder)
    database.initialize(opened)
    return opened


@contextmanager
def bound_to(url: str, folder: Path) -> Iterator[Database]:
    """Bind the database of `url` and connect to it for the length of the block, then return to the previous one."""
    global _fairness, _state_folder
    before, fairness, state_folder = database.obj, _fairness, _state_folder
    try:
        opened = bind(url, folder)
        with connected():
            yield opened
    finally:
        database.initialize(before)
        _fairness, _state_folder = fairness, state_folder


def is_postgres_database() -> bool:
    """True when the bound database is PostgreSQL."""
    return isinstance(database.obj, PostgresqlDatabase)


def next_ids(table: type[Table], count: int) -> Sequence[int]:
    """Ids for so many new rows, inside the transaction that writes them."""
    if is_postgres_database():
        drawn = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return [int(row[0]) for row in database.execute_sql(drawn, (table._meta.table_name, count)).fetchall()]
    last = database.execute_sql(f'SELECT MAX(id) FROM "{table._meta.table_name}"').fetchone()[0] or 0  # noqa: S608
    return range(last + 1, last + 1 + count)


def incarnation() -> str:
    """Text that changes when the server restarts or another database takes the name. SQLite: always the same."""
    return str(getattr(database.obj, "incarnation", ""))


def locked(query: Any, strength: str = "FOR UPDATE", **how: Any) -> Any:
    """The query, whose rows nobody else changes until the transaction ends; `how` is peewee's `of` and `skip_locked`.
    SQLite has one writer and needs no lock.
    """
    return query.for_update(strength, **how) if is_postgres_database() else query


def was_deadlock(error: OperationalError) -> bool:
    """True where PostgreSQL ended this transaction, of which nothing was written, so that another one could go on."""
    return getattr(getattr(error, "orig", None), "sqlstate", "") == _DEADLOCK


def locked_by_id(table: type[Table], condition: Any) -> Any:
    """The condition on rows of `table`, for an UPDATE. PostgreSQL first locks these rows in the order of their ids, so
    that two transactions which change the same rows never wait for each other.
    """
    return table.id.in_(_by_id(table, condition)) if is_postgres_database() else condition


def lock_by_id(table: type[Table], condition: Any) -> None:
    """Lock these rows in the same order, until the transaction ends."""
    if is_postgres_database():
        list(_by_id(table, condition))


def _by_id(table: type[Table], condition: Any) -> Any:
    return locked(table.select(table.id).where(condition).order_by(table.id))


def take_turn(what: str) -> None:
    """Call first in a transaction: others with the same `what` wait until it ends, and then see what it did."""
    if is_postgres_database():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"plp turn {what}",))


def _sqlite(url: str, folder: Path) -> SqliteDatabase:
    path = sqlite_path(url, folder)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_wal(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreFault("database_file", path=path, error=error) from None
    return sqlite_database(path)


def _make_wal(path: Path) -> None:
    """A new file becomes WAL under a lock: SQLite does not wait when two processes do this at once."""
    if path.exists() and path.stat().st_size:
        return
    with Path(f"{path}.migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path.touch(0o660)  # SQLite would keep the group out, whatever the umask says
        new = sqlite3.connect(path)
        new.execute("PRAGMA journal_mode = wal")
        new.close()


@contextmanager
def connected() -> Iterator[None]:
    """This thread's connection for the length of the block, closed after it."""
    with database.connection_context():
        yield


@contextmanager
def writing(turn: str = "", wakes: bool = True) -> Iterator[None]:
    """A write transaction: whole or not at all, durable when the block ends; begun by taking this turn, if any.
    `wakes` is False where it makes no work: on PostgreSQL nobody is told, for which commits would stand in line.
    """
    opened = database.obj
    outermost = opened.transaction_depth() == 0
    alive()
    with ExitStack() as transaction:
        with _fairness.waiting() if outermost else nullcontext():
            transaction.enter_context(write_lock)
            transaction.enter_context(opened.atomic())
        if turn:
            take_turn(turn)
        yield
        if wakes and outermost and is_postgres_database():
            opened.execute_sql(f"NOTIFY {CHANNEL}")  # its listeners, when it commits


@contextmanager
def reading() -> Iterator[None]:
    """A read transaction: all queries of the block see one moment. It delays no writer, and may not write."""
    how = {"isolation_level": "REPEATABLE READ"} if is_postgres_database() else {"lock_type": "DEFERRED"}
    with database.atomic(**how):
        yield


def waiting_to_write() -> AbstractContextManager[None]:
    """During the block bulk writers let in a writer on a connection of its own."""
    return _fairness.waiting()


def give_way() -> None:
    """For a bulk writer, between its transactions: wait while others wait to write. Call it outside transactions."""
    _fairness.give_way()


@contextmanager
def going_first() -> Iterator[Callable[[], None]]:
    """Other bulk writers wait during the block. Yields the function that lets in writers of a single transaction."""
    with _fairness.ordering():
        yield lambda: _fairness.give_way(to_orders=False)


class Pace:
    """Number of rows per transaction of a bulk writer: the next `size` follows from the time that the last one took."""

    def __init__(self) -> None:
        self.size = min(FIRST_CHUNK, CHUNK)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A write transaction on at most `size` rows; after it, writers that wait go first."""
        with writing():
            began = time.monotonic()
            yield
        took = max(time.monotonic() - began, 1e-4)
        self.size = min(CHUNK, 2 * self.size, max(LEAST_CHUNK, int(self.size * GOAL_S / took)))
        give_way()


def in_chunks(items: Sequence[_Item], change: Callable[[Sequence[_Item]], object]) -> None:
    """Run `change(some)` for one slice of the items after the other, in a transaction. Call it outside transactions."""
    pace = Pace()
    done = 0
    while some := items[done : done + pace.size]:
        with pace.transaction():
            change(some)
        done += len(some)


def delete_in_chunks(table: Any, condition: Any) -> int:
    """Delete the rows for which `condition` holds; returns their number. Call it outside transactions."""
    rows = table.select(table.id).where(condition)
    return change_in_chunks(rows, lambda ids: table.delete().where(table.id.in_(ids)).execute())


def change_in_chunks(rows: Any, change: Callable[[list[int]], int]) -> int:
    """Run `change(ids)` in transactions on the ids that the query `rows` finds, until none is left; returns the sum."""
    pace = Pace()
    done = 0
    while ids := [row.id for row in rows.limit(pace.size)]:
        with pace.transaction():
            changed = int(change(ids))
        done += changed
        if not changed:  # somebody else was faster
            break
    return done


class Taken(Exception):
    """Another process has the lock; `pid` is its process id, "" where it may be on another machine."""

    def __init__(self, pid: str = "") -> None:
        super().__init__(pid)
        self.pid = pid


class _FileLock:
    """A lock on a file, held until the process ends; it is never lost."""

    def is_held(self) -> bool:
        """False once it was lost. Never waits."""
        return True

    def take(self) -> bool:
        """Take it again after a loss; False if another process has it. Raises the database's errors."""
        return True


HostLock: TypeAlias = _FileLock | AdvisoryLock


@contextmanager
def alone(what: str, settings: Settings, database: Database) -> Iterator[HostLock]:
    """Hold this host's lock `what` (a file with the process id, or PostgreSQL's) during the block. Raises Taken."""
    if not isinstance(database, PostgresqlDatabase):
        path = f"{sqlite_path(settings.database.url, settings.folder)}.{what}.lock"
        with open(path, "a+", encoding="ascii", opener=partial(os.open, mode=0o660)) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise Taken(file.read().strip() or "?") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield _FileLock()
        return
    shared = AdvisoryLock(database, f"plp {what} {settings.host}")
    if not shared.take():
        raise Taken
    try:
        yield shared
    finally:
        shared.close()
