"""Deeds at one moment, in an order that the test names: an actor stops before a statement, or a call, and goes on when
told to. Nothing sleeps, and nothing is left to the scheduler: of all actors of a stage one moves at a time.

Each stands for a process of its own, so the threads do not share this process's write lock: what keeps two deeds apart
here is the database alone.
"""

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from queue import Empty, SimpleQueue
from typing import Any, Literal

import psycopg
import pytest

from db.engine import connection, write_fairness
from db.engine.base import database
from db.engine.connection import connected, is_postgres_database

# The ends of a transaction; what is changed without one has no such points.
BEGIN, COMMIT = "^BEGIN", "^COMMIT"
# Far longer than any step on the slowest machine: reached only where a test hangs.
PATIENCE_S = 60
_LOOK_EVERY_S = 0.002
_TURNS = 10
_thread = threading.local()
# `woken`: what it waited for is over, which it tells before it goes on.
Place = Literal["stopped", "waits", "woken", "done"]


class Actor:
    """One who does `deed` in a thread. `came_to` is what it returned or raised."""

    def __init__(self, deed: Callable[[], object], looks: Any) -> None:
        self.came_to: object = None
        self.place: Place = "stopped"
        self._deed, self._looks, self._point, self._backend = deed, looks, "", 0
        self._is_leaving = self._waited = False
        self._may_go, self._news = threading.Semaphore(0), SimpleQueue[Place]()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def go_to(self, *points: str) -> Place:
        """Go on until before the statement or call that each of these expressions finds, in this order; less far where
        it must wait for another.
        """
        for point in points:
            if self._go(point) == "waits":
                break
            assert self.place == "stopped", f"no « {point} » was met: {self.came_to!r}"
        return self.place

    def finish(self) -> Place:
        """Go on until the end, or until another is to be waited for."""
        return self._go("")

    def leave(self) -> None:
        """End, wherever it is; for a test that failed."""
        self._is_leaving = True
        self._may_go.release()
        self._thread.join(PATIENCE_S)

    def meets(self, what: str) -> None:
        """Called in its thread before this statement or call: stop where it is the point."""
        if self._point and re.search(self._point, what):
            self._stop("stopped")

    def runs(self, statement: Callable[[], Any]) -> Any:
        """Called in its thread. SQLite says at once that another writes, PostgreSQL makes it wait: then it goes on when
        the test lets it, and not as soon as it can.
        """
        while True:
            try:
                answer = statement()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or self._is_leaving:
                    raise
                self._stop("waits")
            else:
                if self._waited:
                    self._stop("woken")
                return answer

    def _go(self, point: str) -> Place:
        if self.place == "done":
            return "done"
        self._point = point
        if not self._waited:
            self._may_go.release()
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with suppress(Empty):
                self.place = self._news.get(timeout=_LOOK_EVERY_S)
                if self.place != "woken":
                    return self.place
                self._waited = False
                self._may_go.release()
            if self._looks is not None and self._backend and self._is_blocked():
                self._waited, self.place = True, "waits"
                return self.place
        raise AssertionError("an actor neither stops nor ends")

    def _is_blocked(self) -> bool:
        asked = self._looks.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", (self._backend,))
        return bool(asked.fetchone()[0])

    def _stop(self, place: Place) -> None:
        if not self._is_leaving:
            self._news.put(place)
            self._pause()

    def _pause(self) -> None:
        self._may_go.acquire()
        if self._is_leaving:
            raise SystemExit

    def _run(self) -> None:
        self._may_go.acquire()
        if self._is_leaving:
            return
        _thread.actor = self
        try:
            with connected():
                if is_postgres_database():
                    self._backend = database.connection().info.backend_pid
                else:
                    database.connection().execute("PRAGMA busy_timeout = 0")
                self.came_to = self._deed()
        except Exception as error:  # noqa: BLE001  (told to the test)
            self.came_to = error
        self._news.put("done")


class _Cursor:
    """A cursor of an actor: it is told of each statement before it runs."""

    def __init__(self, cursor: Any, actor: Actor) -> None:
        self._cursor, self._actor = cursor, actor

    def execute(self, sql: str, *values: Any) -> Any:
        self._actor.meets(sql)
        return self._actor.runs(lambda: self._cursor.execute(sql, *values))

    def executemany(self, sql: str, rows: Any, **how: Any) -> Any:
        self._actor.meets(sql)
        return self._actor.runs(lambda: self._cursor.executemany(sql, rows, **how))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@contextmanager
def stage() -> Iterator[Callable[[Callable[[], object]], Actor]]:
    """Yields the maker of the actors, who leave when the block ends."""
    opened, actors = database.obj, list[Actor]()
    cursor_of = opened.cursor

    def cursor(*how: Any) -> Any:
        actor = getattr(_thread, "actor", None)
        return cursor_of(*how) if actor is None else _Cursor(cursor_of(*how), actor)

    looks = psycopg.connect(opened.database, autocommit=True) if is_postgres_database() else nullcontext()
    with looks as looking, pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "write_lock", nullcontext())
        # Bulk writers let others in between two transactions: here those go on when the test lets them.
        patch.setattr(write_fairness, "PATIENCE_S", 0)
        patch.setattr(write_fairness, "PATIENCE_WITH_ORDERS_S", 0)
        opened.cursor = cursor

        def enter(deed: Callable[[], object]) -> Actor:
            actors.append(Actor(deed, looking))
            return actors[-1]

        try:
            yield enter
        finally:
            for actor in actors:
                actor.leave()
            del opened.cursor


def stops_at(patch: pytest.MonkeyPatch, where: object, name: str) -> None:
    """Make each call of this function a point of the actors, named as the function is."""
    function = getattr(where, name)

    def called(*values: Any, **named: Any) -> Any:
        actor = getattr(_thread, "actor", None)
        if actor is not None:
            actor.meets(name)
        return function(*values, **named)

    patch.setattr(where, name, called)


def race(
    first: Callable[[], object], at: Sequence[str], second: Callable[[], object], then: Sequence[str] = ()
) -> tuple[object, object]:
    """What two deeds came to, where the first goes to the last of the points `at`, the second to those of `then` (to
    its end where there are none) or to where it waits for the first; then the first ends, then the second.
    """
    with stage() as enter:
        one, other = enter(first), enter(second)
        assert one.go_to(*at) == "stopped"
        _ = other.go_to(*then) if then else other.finish()
        for _ in range(_TURNS):  # each may have to wait for the other more than once
            places = [one.finish(), other.finish()]
            if places == ["done", "done"]:
                break
        assert places == ["done", "done"], "each waits for the other"
        return one.came_to, other.came_to
