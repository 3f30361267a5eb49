"""How far the suite's clock is off the machine's: in this process, and in those that it starts."""

import os
import sys
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from db.engine import clock

# Seconds, in the environment of every process that a test starts.
OFF = "PLP_TEST_OFF_S"
# For PYTHONPATH: Python reads the module `sitecustomize` beside this one before anything else.
SEARCHED = (str(Path(__file__).parent), str(Path(__file__).parents[3]))

_follow = clock.follow
_machine_s = time.time


class SuiteTime(datetime):
    """What stands for `datetime` in db.engine.clock."""

    off = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = UTC) -> datetime:  # type: ignore[override]
        """The suite's present; this class is the one that asks the machine."""
        return datetime.now(tz) + cls.off


def set_off(off: timedelta) -> None:
    """From now on the product's clock here is off by this, and that of processes that are started later."""
    SuiteTime.off = off
    os.environ[OFF] = str(off.total_seconds())
    clock.datetime = SuiteTime  # type: ignore[misc]
    # A server of PostgreSQL has the machine's time.
    clock.follow = lambda shown_at: _follow(shown_at + SuiteTime.off)
    clock._followed = None


def begin() -> None:
    """In a process that a test started: its clock is off as the test's was. A simulated modem asks Python's own."""
    off_s = float(os.environ.get(OFF, "0"))
    set_off(timedelta(seconds=off_s))
    if "modem.sim" in sys.orig_argv:
        time.time = lambda: _machine_s() + off_s
