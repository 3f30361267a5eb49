"""SIGTERM and Ctrl-C set an event; whoever loops looks at it."""

import signal
import threading


def stop_on_signals() -> threading.Event:
    """An event that the first SIGTERM or SIGINT sets. Call it in the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
