"""A separate process: its log, and its end by SIGTERM or Ctrl-C."""

import logging
import signal
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from base.settings.values import Settings

_MINUTE_S = 60.0
_LINES_A_MINUTE = 30


class _Sparing(logging.Filter):
    """Lets a few lines of one kind pass in a minute, by thread of the modems' process: a stick could fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._began_s = time.monotonic()
        self._counts: Counter[tuple[object, ...]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("modem."):
            return True
        now_s = time.monotonic()
        if now_s - self._began_s >= _MINUTE_S:
            self._began_s = now_s
            self._counts.clear()
        line = (record.name, record.lineno, record.thread)
        self._counts[line] += 1
        if self._counts[line] == _LINES_A_MINUTE:
            record.msg = f"{record.msg} (others like this one are left out for a minute)"
        return self._counts[line] <= _LINES_A_MINUTE


def log_to_stderr(level: str) -> None:
    """Log from `level` on ([log] level), in lines with their time and the offset of the clock."""
    logging.basicConfig(
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S%z",  # in the night of the last Sunday of October, 02:30 comes twice
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(_Sparing())
    logging.getLogger("peewee").setLevel(logging.INFO)  # at debug it logs queries with their numbers and texts


def log_oddities(settings: "Settings") -> None:
    """A line for each key of config.ini that acts otherwise than it reads: a service says so when it begins."""
    from base.settings.misfits import oddities  # a supervisor needs none of it

    for _section, sentence in oddities(settings):
        logging.getLogger(__name__).warning("%s", sentence)


def stop_on_signals() -> threading.Event:
    """An event that the first SIGTERM or SIGINT sets. Call it in the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
