"""Database writes repeated until they succeed: if the server's answer were lost, the mail would be sent again."""

import logging
import random
import threading
from collections.abc import Callable

from db.engine.connection import UNAVAILABLE
from plp.watchdog.threads import alive

_log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 2.0


def written(write: Callable[[], bool], stop: threading.Event) -> bool:
    """The result of `write`, once the database takes it; it may be called again after it succeeded unseen. Raises the
    database's error only once `stop` is set.
    """
    wait_s, told = FIRST_WAIT_S, False
    while True:
        alive()
        try:
            return write()
        except UNAVAILABLE:
            if stop.is_set():
                raise
            if not told:
                _log.warning("the database is away; what became of a mail is kept until it is back")
                told = True
            stop.wait(wait_s * random.uniform(0.8, 1.2))  # noqa: S311
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
