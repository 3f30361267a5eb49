"""Steps, duties and errands as the jobs run them: duties in turn, an errand in its own thread."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, connected
from db.operations.machine.clock import behind
from plp.settings.values import Settings
from plp.watchdog.threads import alive, watched
from rules.refusals import Refusal
from rules.sentences import StoreFault

_log = logging.getLogger(__name__)

# Does what is due; True when it did something, and more may be due.
Duty = Callable[[Settings, datetime], bool]
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


def by_date(do: Duty) -> Duty:
    """A duty that waits while the clock is behind: at a wrong date it would do what is not due, and again later."""
    return lambda settings, now: behind(now) is None and do(settings, now)


def do_each(duties: Iterable[tuple[str, Duty]], settings: Settings, now: datetime) -> bool:
    """True when one of them may have more at once. Raises the database's errors: without it none has anything to do."""
    busy = False
    for name, do in duties:
        alive()
        try:
            busy |= do(settings, now)
        except Refusal as refusal:
            _log.warning("%s: %s", name, refusal.template)
        except StoreFault as fault:
            _log.warning("%s: %s", name, fault)
        except UNAVAILABLE:
            raise
        except Exception:  # noqa: BLE001
            _log.exception("%s failed", name)
    return busy


def keep_looking(duties: Iterable[tuple[str, Duty]], every_s: float, settings: Settings, stop: threading.Event) -> None:
    """Do those of these duties that are due, again and again until `stop` is set."""
    while not stop.is_set():
        do_each(duties, settings, utc_now())
        alive(every_s)
        stop.wait(every_s)
