"""One daemon per database and host: two would hand the same part over twice after a recovery."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.refusals import Refusal


@contextmanager
def only_daemon(database_path: Path) -> Iterator[None]:
    """Hold the lock beside the database. Raises Refusal when another daemon has it."""
    path = Path(f"{database_path}.modem.lock")
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refusal(
                "Un service de modems tourne déjà avec cette base (pid {pid}) : arrêtez-le d'abord.",
                pid=lock.read().strip() or "?",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
