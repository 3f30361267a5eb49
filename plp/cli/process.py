"""A process that runs by itself: its log, and its end by SIGTERM or Ctrl-C."""

import logging
import signal
import threading


def log_to_stderr(level: str) -> None:
    """From `level` on ([log] level), each line with its time and the offset of the clock."""
    logging.basicConfig(
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S%z",  # in the night of the last Sunday of October, 02:30 comes twice
    )
    logging.getLogger("peewee").setLevel(logging.INFO)  # at debug it tells each query with its numbers and texts


def stop_on_signals() -> threading.Event:
    """An event that the first SIGTERM or SIGINT sets. Call it in the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
