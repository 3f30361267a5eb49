"""Loaded by each process of a box whose PYTHONPATH begins here: at a file's sign, one of its threads hangs for good.

A process that starts after that does not: the file is gone. A modem's worker turns for ever, the others wait for ever.
"""

import sys
import threading
from pathlib import Path

from tests.support.clocked import suite_clock

suite_clock.begin()


def _hangs(name, function):
    """The function, which does not come back once the file `hang-<name>` is there."""

    def may_hang(*arguments, **options):
        sign = Path(f"hang-{name}")
        if sign.exists():
            sign.unlink()
            while name == "worker":
                pass
            threading.Event().wait()
        return function(*arguments, **options)

    return may_hang


process = sys.orig_argv[-1]
if process == "run":
    from plp.cli import run

    run.WATCHDOG_S, run.ABORT_S = 5.0, 5.0
elif process == "modem":
    from modem.daemon.worker import worker

    worker.ModemWorker.step = _hangs("worker", worker.ModemWorker.step)
elif process == "jobs":
    from plp.jobs import scheduler
    from plp.jobs.alarms import telling

    telling.readiness = _hangs("errand", telling.readiness)
    scheduler.step = _hangs("jobs", scheduler.step)
elif process == "console":
    from flask import Flask

    from console.web import server

    server.PAGE_S = 2.0
    Flask.__call__ = _hangs("page", Flask.__call__)
