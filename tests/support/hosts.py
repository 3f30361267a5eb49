"""Deeds at one moment, as of consoles on several machines. Within a process its write lock lets them wait in line, and
nothing is seen of what only the database keeps apart.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from db.engine import connection
from db.engine.base import database
from db.engine.connection import UNAVAILABLE, connected
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
