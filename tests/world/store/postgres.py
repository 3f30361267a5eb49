"""One PostgreSQL for all hosts of a night. Each actor has a connection of its own, whose statements take virtual time
within transactions, so that those of others come in between; one that waits for a lock waits in virtual time, too.
"""

import atexit
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from greenlet import getcurrent, greenlet
from peewee import OperationalError, _ConnectionState

from db.engine.base import database
from db.engine.connection import bind, connected
from db.engine.postgres import _CONNECTION, Postgres, _store_any_text
from db.journal.audit import use_key_file
from plp.services.machine import bring_up_to_date
from tests.support import postgres as server
from tests.support.roles import play_roles
from tests.world.store.link import Link
from tests.world.store.sqlite import ZONE, be_cheap
from tests.world.store.touched import postgres_triggers
from tests.world.timeline import Timeline

# From a statement to its answer: usually, and now and then.
USUAL_S, SLOW_S, SLOWLY = (0.0005, 0.003), (0.05, 0.6), 0.02
# As `lock_timeout` of the product's connections; a look at the queue of a lock.
LOCK_TIMEOUT_S, LOOK_S = 5.0, 0.02
AWAY = "the server cannot be reached"


class WorldPostgres(Postgres):
    """The product's database, as the actor that runs now sees it from its host."""

    def __init__(self, url: str, timeline: Timeline, chance: random.Random) -> None:
        self._states: dict[greenlet, Any] = {}
        self._spare: list[Link] = []
        self._queue: list[Link] = []
        self._timeline, self._chance = timeline, chance
        self._seen: dict[str, str] = {}
        self._observer = psycopg.connect(url, autocommit=True)
        self.starts, self._copies = 1, 0
        self.note: Callable[[int | None, int], None] = lambda _broadcast, _wakes: None
        self.moved: Callable[[str, str], None] = lambda _source, _target: None
        self.violate: Callable[[str, str], None] = lambda _oracle, _words: None
        # Whether a host reaches the server now, and whether the answer to its next COMMIT is lost.
        self.reaches: Callable[[str], bool] = lambda _place: True
        self.loses_answer: Callable[[str], bool] = lambda _place: False
        self.on_commit: Callable[[Callable[[], None]], None] = lambda commit: commit()
        super().__init__(url, prefer_psycopg3=True, **_CONNECTION)

    # -- whose connection --------------------------------------------------------------------------------------

    @property
    def _state(self) -> Any:
        return self._states.setdefault(getcurrent(), _ConnectionState())

    @_state.setter
    def _state(self, value: object) -> None:
        """Peewee's own is one per thread."""

    @property
    def incarnation(self) -> str:
        return self._seen.get(self._place, "")

    @property
    def _place(self) -> str:
        actor = self._timeline.running
        return actor.place if actor is not None else ""

    def _connect(self) -> Link:
        place = self._place
        if not self.reaches(place):
            raise psycopg.OperationalError(AWAY)
        if self._spare:
            link = self._spare.pop()
        else:
            link = Link.connect(self.database, **self.connect_params)
            link.autocommit = True
            _store_any_text(link)
            link.add_notice_handler(lambda notice: link.notes.append(notice.message_primary or ""))
            link.server = self
        link.place = place
        return link

    def _initialize_connection(self, conn: Any) -> None:
        self._seen[self._place] = f"start {self.starts}"

    def _follow_clock(self, conn: Any) -> None:
        """The clocks of the world show one time."""

    def leave(self) -> None:
        """Whoever runs now ends: another may use its connection."""
        state = self._states.pop(getcurrent(), None)
        if state is None or state.closed or state.conn.closed:
            return
        state.conn.roll_back()
        if state.conn.is_idle:
            self._spare.append(state.conn)
        else:
            state.conn.close()

    def cut(self, is_lost: Callable[[str], bool]) -> None:
        """The connections of these hosts break; the server takes back what was not committed."""
        for state in self._states.values():
            if not state.closed and not state.conn.closed and is_lost(state.conn.place):
                state.conn.lose()
        self.settle()

    def end_backend(self, link: Link) -> None:
        """At the server nothing of it is left."""
        self.observed("SELECT pg_terminate_backend(%s, 5000)", link.pgconn.backend_pid)

    def copy(self) -> str:
        """Every row as it is now, beside the tables, under a name of its own."""
        self._copies += 1
        kept = f"world_copy_{self._copies}"
        self._observer.execute(f"DROP SCHEMA IF EXISTS {kept} CASCADE")
        self._observer.execute(f"CREATE SCHEMA {kept}")
        for name in server._tables():
            self._observer.execute(f"CREATE TABLE {kept}.{name} AS TABLE public.{name}")
        return kept

    def put_back(self, kept: str) -> None:
        """The copy takes the place of what is there; numbers that were given since are given again."""
        self.restart()
        names = server._tables()
        self._observer.execute("SET session_replication_role = replica")
        self._observer.execute(f"TRUNCATE {', '.join(names)}")
        for name in names:
            self._observer.execute(f"INSERT INTO {name} SELECT * FROM {kept}.{name}")
            last = self.observed(f"SELECT MAX(id) FROM {name}")
            self.observed("SELECT setval(%s, %s, %s)", f"{name}_id_seq", last or 1, bool(last))
        self._observer.execute("SET session_replication_role = origin")

    def restart(self) -> None:
        """The server starts again: for everybody it is another one until it was compared."""
        self.starts += 1
        self.cut(lambda _place: True)

    def end(self) -> None:
        for link in (*self._spare, *(state.conn for state in self._states.values() if not state.closed)):
            link.close()
        self._observer.close()

    # -- statements --------------------------------------------------------------------------------------------

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """The oracles ask in SQLite's manner."""
        if not self._state.closed:
            self._state.conn.sql = sql
        return super().execute_sql(sql.replace("?", "%s") if params and "%s" not in sql else sql, params)  # type: ignore[no-untyped-call]

    def commit(self) -> None:
        self.on_commit(super().commit)
        if self.loses_answer(self._place):
            self._state.conn.lose()
            raise OperationalError("the connection was lost before the answer to COMMIT")

    def wrote(self) -> bool:
        """True when this transaction has changed anything."""
        row = self.observed("SELECT backend_xid IS NOT NULL FROM pg_stat_activity WHERE pid = %s", self._pid)
        return bool(row)

    @property
    def _pid(self) -> int:
        return int(self._state.conn.pgconn.backend_pid)

    def travel(self, link: Link) -> None:
        """A statement of a transaction is on its way to the server."""
        actor = self._timeline.running
        if actor is not None and not actor.is_dying and link.is_in_transaction:
            slow = self._chance.random() < SLOWLY
            self._timeline.sleep(self._chance.uniform(*(SLOW_S if slow else USUAL_S)))

    def is_blocked(self, link: Link) -> bool:
        """True while somebody else has a lock that it waits for."""
        asked = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
        return bool(self.observed(asked, link.pgconn.backend_pid))

    def observed(self, sql: str, *values: object) -> Any:
        """The first value of an answer, past every host's connection."""
        row = self._observer.execute(sql, values).fetchone()
        return row[0] if row else None

    def wait_in_line(self, link: Link) -> bool:
        """Let others go on for a moment; False when it has waited for too long, or nobody else could go on."""
        actor = self._timeline.running
        if actor is None or actor.is_dying:
            return False
        self._queue.append(link)
        try:
            actor.wait(LOOK_S)
        finally:
            self._queue.remove(link)
        link.waited_s += LOOK_S
        if link.waited_s >= LOCK_TIMEOUT_S:
            self.violate("locks", f"{actor.name} waits for a lock for {LOCK_TIMEOUT_S:.0f} s: {link.sql}")
        return link.waited_s < LOCK_TIMEOUT_S

    def settle(self) -> None:
        """Locks were given back: whoever waited for one has its answer, or waits for the next one, before anybody else
        goes on.
        """
        for link in self._queue:
            while not link.is_lost and not link.has_answer() and not self.is_blocked(link):
                pass

    def hear(self, notes: list[str]) -> None:
        """What the triggers said."""
        for note in notes:
            word, *rest = note.split()
            if word == "touched":
                self.note(int(rest[0]) if rest[0].isdigit() else None, int(rest[1]))
            elif word == "moved":
                self.moved(rest[0], rest[1])
        notes.clear()


@cache
def _key() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="plp-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "journal.key"


def _seed(url: str, folder: Path) -> None:
    opened = bind(url, folder)
    with connected():
        bring_up_to_date(opened, ZONE)
        for statement in postgres_triggers():
            opened.connection().execute(statement)


@cache
def _quiet_server() -> None:
    """Nothing happens in it by itself: where rows are and how they are found must follow from the seed."""
    with psycopg.connect(server.server().get_uri(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET autovacuum = off")
        admin.execute("SELECT pg_reload_conf()")


@contextmanager
def shared_server(timeline: Timeline, chance: random.Random) -> Iterator[Path]:
    """A folder for the hosts' own files, with the models bound to a fresh database on the server. Each process has the
    rights of its role there.
    """
    be_cheap()
    _quiet_server()
    use_key_file(_key())
    url = server.seeded_url(_seed)
    with tempfile.TemporaryDirectory(prefix="plp-night-") as name:
        bind(url, Path(name))
        opened = WorldPostgres(url, timeline, chance)
        timeline.on_end = opened.leave
        database.initialize(opened)
        Path(name, "var").mkdir()
        try:
            with pytest.MonkeyPatch.context() as patch, connected():
                play_roles(patch)
                yield Path(name)
        finally:
            with suppress(psycopg.Error):
                opened.end()
