"""Deeds at one moment, as of several machines. Within a process its write lock lets them wait in line, and nothing is
seen of what only the database keeps apart.
"""

import threading
from collections.abc import Callable
from contextlib import contextmanager, nullcontext

import pytest

from db.engine import connection
from db.engine.base import database
from db.engine.connection import UNAVAILABLE, connected, writing
from rules.refusals import Refusal


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Each deed in a thread of its own, begun together: what each came to, "done" for nothing, a refusal's template."""
    gate, told = threading.Barrier(len(deeds)), list[object]()

    def run(deed: Callable[[], object]) -> None:
        with connected():
            database.execute_sql("SELECT 1")  # connected, so that nobody is late
            gate.wait()
            try:
                told.append(deed() or "done")
            except Refusal as refusal:
                told.append(refusal.template)
            except UNAVAILABLE as error:
                told.append(repr(error))

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    with pytest.MonkeyPatch.context() as patch:
        if connection.is_postgres_database():
            patch.setattr(connection, "write_lock", nullcontext())
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return told


class Other:
    """What another host does meanwhile; `result` waits for it."""

    def __init__(self, work):
        self._answer = None
        self._thread = threading.Thread(target=self._run, args=(work,))
        self._thread.start()

    def _run(self, work):
        try:
            with connected():
                self._answer = work()
        except Exception as error:  # noqa: BLE001  (told to the test)
            self._answer = error

    def is_waiting(self, seconds=0.1):
        self._thread.join(seconds)
        return self._thread.is_alive()

    def result(self):
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self._answer


@contextmanager
def uncommitted(work):
    """The block runs while `work` is done and not yet committed."""
    with writing():
        yield work()
