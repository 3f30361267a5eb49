"""A daemon on simulated modems, and orders whose COMMIT is known to the microsecond."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from peewee import SqliteDatabase

from base.settings.values import SendingSettings
from db.alerts.values import Order
from db.engine.clock import utc_now
from db.people.audience import Audience
from modem.sms.composition import compose
from plp.cli.main import main as plp_command
from plp.services.orders.placing import place_composed
from rules.orders.texts import MAIN_LANGUAGE
from tools.bench.contenders.plp import Plp
from tools.bench.contest import workshop
from tools.bench.radio import ROOT, Radio

_SENDING = SendingSettings(undo_seconds=0, hourly_ceiling=1_000_000)


@contextmanager
def running(members: int, modems: int, *options: str) -> Iterator[tuple[Plp, Radio]]:
    """A daemon that is ready and has nothing to do."""
    with workshop() as folder, Radio(folder, modems, *options) as radio:
        (folder / "home").mkdir()
        plp = Plp(folder / "home", radio.links, members)
        try:
            plp.start()
            yield plp, radio
        finally:
            plp.close()


def send_by_command(plp: Plp, text: str, *options: str) -> float:
    """`plp broadcast send`; when its COMMIT began, seconds since the epoch."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.ordering", "broadcast", "send", "--text", text, *options, "--yes"],
        cwd=plp.box.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PLP_CONFIG": str(plp.box.config)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stderr.rpartition("COMMIT ")[2])


def send_by_function(text: str, numbers: Sequence[str]) -> float:
    """Order as the console does, in this process, on the bound database; as `send_by_command`."""
    order = Order(Audience(numbers=tuple(numbers)), "alert", "urgent", "bench")
    with _stamped() as stamps:
        place_composed(order, {MAIN_LANGUAGE: compose(text)}, _SENDING, utc_now())
    return stamps[-1]


@contextmanager
def _stamped() -> Iterator[list[float]]:
    commit = SqliteDatabase.commit
    stamps: list[float] = []

    def stamped(database: SqliteDatabase) -> object:
        stamps.append(time.time())
        return commit(database)

    SqliteDatabase.commit = stamped
    try:
        yield stamps
    finally:
        SqliteDatabase.commit = commit


def stamped_plp() -> None:
    """`plp …` that says on stderr when its last COMMIT began: `COMMIT seconds-since-the-epoch`."""
    with _stamped() as stamps:
        try:
            plp_command()
        finally:
            print(f"COMMIT {stamps[-1] if stamps else 0.0!r}", file=sys.stderr)


def rest() -> None:
    """A moment of any length, so that samples do not march in step with the daemon's look at the database."""
    time.sleep(0.03 + random.uniform(0, 0.07))


if __name__ == "__main__":
    stamped_plp()
