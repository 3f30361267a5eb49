"""Errands: jobs that wait for a network, each in a thread of its own, so that no other job waits with them."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from db.engine.connection import UNAVAILABLE, connected
from db.settings.values import Settings
from plp.watchdog.threads import watched

_log = logging.getLogger(__name__)

AGAIN_AFTER_S = 5.0
# Below what `plp run` and systemd allow: an errand in the middle of something has this long to come to its end.
END_WITHIN_S = 8.0


# A name, and work that runs until `stop` is set, on a database connection of its own; begun anew when it fails.
Errand = tuple[str, Callable[[Settings, threading.Event], None]]


@contextmanager
def running(errands: Sequence[Errand], settings: Settings, stop: threading.Event) -> Iterator[None]:
    """Run the errands during the block. One that does not end in time is abandoned, since its process ends too."""
    threads = [
        threading.Thread(target=_keep_at_it, args=(name, work, settings, stop), name=f"jobs-{name}", daemon=True)
        for name, work in errands
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        until = time.monotonic() + END_WITHIN_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                _log.warning("%s did not end in time", thread.name)


def _keep_at_it(
    name: str, work: Callable[[Settings, threading.Event], None], settings: Settings, stop: threading.Event
) -> None:
    while not stop.is_set():
        try:
            with connected(), watched():
                work(settings, stop)
        except UNAVAILABLE:
            _log.warning("the database is away; %s waits", name)
        except Exception:  # noqa: BLE001
            _log.exception("%s failed, and begins anew", name)
        stop.wait(AGAIN_AFTER_S)
