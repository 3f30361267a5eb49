"""`plp COMMAND` on a machine whose clock can be set: for tests alone.

The file `clock` in the working folder holds by how many seconds it is off; where it is missing, the clock is right.
What has its hour is looked for each second: a test that sets the clock by a night need not wait for twenty.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from db.engine import clock
from tests.support.clocked.suite_clock import SuiteTime


def clock_of(folder: Path) -> type:
    """What stands for `datetime` in db.engine.clock."""
    file = folder / "clock"

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = UTC) -> datetime:  # type: ignore[override]
            off_s = float(file.read_text() or 0) if file.exists() else 0.0
            return SuiteTime.now(tz) + timedelta(seconds=off_s)

    return Shifted


def set_clock(folder: Path, off_s: float) -> None:
    """In one step: nobody reads half a number."""
    fresh = folder / "clock.new"
    fresh.write_text(str(off_s))
    fresh.replace(folder / "clock")


if __name__ == "__main__":
    from plp.cli.main import main
    from plp.jobs import scheduler

    scheduler.LOOK_EVERY_S = 1.0
    clock.datetime = clock_of(Path.cwd())  # type: ignore[misc]
    main()
