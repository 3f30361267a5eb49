"""The moment at which the suite's clock begins. It runs on from there: anew for each module of tests, and once for all
of those whose processes go on from one to the next.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.support.clocked import suite_clock

LOCAL = ZoneInfo("Europe/Brussels")
ROOT = Path(__file__).parents[1]
# A Tuesday evening in Brussels.
TUESDAY = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
# `PLP_TEST_NOW=2027-03-28T00:30` is another one, in Brussels where it names no zone.
_wanted = datetime.fromisoformat(os.environ.get("PLP_TEST_NOW", TUESDAY.isoformat()))
START = (_wanted if _wanted.tzinfo else _wanted.replace(tzinfo=LOCAL)).astimezone(UTC)
# The demonstration of all browser tests, the folder that all boxes begin with.
GOING_ON = tuple(ROOT / name for name in ("browser", "e2e"))
# Shared by the processes of one run.
_SINCE = "PLP_TEST_SINCE"

_begun: tuple[Path, datetime | None] | None = None


def begin_run() -> None:
    """Before any test, in the first process of a run: the others are told."""
    os.environ["PYTHONPATH"] = os.pathsep.join(suite_clock.SEARCHED)
    os.environ.setdefault(_SINCE, str((START - _machine()).total_seconds()))
    suite_clock.set_off(START - _machine())


@contextmanager
def an_hour_before() -> Iterator[None]:
    """For what is made once and used by tests that begin later than the one it was made for."""
    off = suite_clock.SuiteTime.off
    suite_clock.set_off(off - timedelta(hours=1))
    yield
    suite_clock.set_off(off)


def begin_module(path: Path, begins_at: datetime | None) -> None:
    """The clock for a test in this file: from this moment, going on, or where it is None the machine's own."""
    global _begun
    if _begun == (path, begins_at):
        return
    _begun = (path, begins_at)
    if begins_at is None:
        suite_clock.set_off(timedelta())
    elif any(path.is_relative_to(folder) for folder in GOING_ON):
        suite_clock.set_off(timedelta(seconds=float(os.environ[_SINCE])))
    else:
        suite_clock.set_off(begins_at - _machine())


def _machine() -> datetime:
    return datetime.now(UTC)
