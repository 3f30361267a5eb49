"""`plp modem`: the workers' threads, and the one thread that watches the database and wakes them."""

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from db import modems, outbox
from db.clock import utc_now
from db.commits import CommitWatch
from db.connection import UNAVAILABLE, Database, connected
from db.settings import ModemSettings, Settings
from modem.driver.at import AtDriver
from modem.driver.protocol import ModemDriver
from modem.service.devices import tty_path
from modem.service.pins import CardPin
from modem.service.worker import ModemWorker

_log = logging.getLogger(__name__)

POLL_S = 0.03
HOUSEKEEPING_EVERY_S = 0.5
HEARTBEAT_EVERY_S = 5.0
# A submit that is under way at SIGTERM may answer until then; afterwards it is told as unconfirmed at the next start.
STOP_PATIENCE_S = 8.0


class Seat:
    """One modem's thread with its worker and its wake-up."""

    def __init__(self, host: str, settings: ModemSettings, tty: str | None, stop: threading.Event) -> None:
        self.wake = threading.Event()
        self._stop = stop
        driver = _driver(settings, tty, self.wake.set)
        self.worker = ModemWorker(
            host,
            settings,
            driver,
            present=lambda: tty is not None and os.path.exists(tty),
            clock=utc_now,
            persist=self._persist,
        )
        self.thread = threading.Thread(target=self._run, name=f"modem-{settings.name}", daemon=True)

    def _run(self) -> None:
        with connected():
            while not self._stop.is_set():
                self.wake.clear()
                if not self._step():
                    self.wake.wait(self.worker.idle_s(utc_now()))
            self._close()

    def _step(self) -> bool:
        try:
            return self.worker.step(utc_now())
        except UNAVAILABLE:
            _log.exception("the database is away; the modem waits")
        except Exception:  # noqa: BLE001  (a defect in one worker must not stop the others, nor this one for good)
            _log.exception("unexpected; the modem is opened anew")
            self._close()
        self._stop.wait(1.0)
        return True

    def _close(self) -> None:
        try:
            self.worker.close()
        except Exception:  # noqa: BLE001  (this thread must outlive what it cannot tell the database)
            _log.exception("the modem could not be closed cleanly")

    def _persist(self, write: Callable[[], object]) -> object:
        """A receipt is worth waiting for: written as soon as the database returns."""
        wait_s = 0.05
        while True:
            try:
                return write()
            except UNAVAILABLE:
                _log.warning("the database is away; a result is kept in memory")
                if self._stop.is_set():
                    raise
                time.sleep(wait_s * random.uniform(0.8, 1.2))  # noqa: S311
                wait_s = min(wait_s * 2, 2.0)


def run(settings: Settings, database: Database, stop: threading.Event) -> None:
    """Send until `stop` is set. The caller holds the daemon's lock and checked the schema."""
    host = socket.gethostname()
    with connected():
        found = outbox.recover(utc_now(), timedelta(minutes=settings.sending.stale_after_min))
        _log.info("start: %d requeued, %d unconfirmed, %d held", found.requeued, found.unconfirmed, found.held)
        modems.forget_other_modems(host, [modem.name for modem in settings.modems])
        seats = [Seat(host, modem, tty_path(settings, modem), stop) for modem in settings.modems]
        for seat in seats:
            seat.thread.start()
        watch = CommitWatch(database)
        try:
            _watch(host, watch, seats, stop)
        finally:
            watch.close()
            _stop(host, seats, stop)


def _watch(host: str, watch: CommitWatch, seats: list[Seat], stop: threading.Event) -> None:
    clean_at = beat_at = 0.0
    while not stop.wait(POLL_S):
        clock = time.monotonic()
        try:
            if clock >= clean_at:
                clean_at = clock + HOUSEKEEPING_EVERY_S
                _keep_house(utc_now())
            if clock >= beat_at:
                beat_at = clock + HEARTBEAT_EVERY_S
                modems.beat(host, "modem", os.getpid(), utc_now())
            changed = watch.changed()
        except UNAVAILABLE:
            _log.warning("the database is away; sending pauses")
            stop.wait(1.0)
            continue
        if changed:
            for seat in seats:
                seat.wake.set()
        if not all(seat.thread.is_alive() for seat in seats):
            raise RuntimeError("a modem's thread ended; the supervisor starts everything anew")


def _keep_house(now: datetime) -> None:
    outbox.release_due(now)
    outbox.expire_due(now)
    outbox.take_back_expired(now)
    outbox.delete_cut_short(now)
    outbox.close_done()


def _stop(host: str, seats: list[Seat], stop: threading.Event) -> None:
    stop.set()
    until = time.monotonic() + STOP_PATIENCE_S
    for seat in seats:
        seat.wake.set()
    for seat in seats:
        seat.thread.join(max(0.0, until - time.monotonic()))
    modems.stop_beating(host, "modem")


def _driver(settings: ModemSettings, tty: str | None, on_event: Callable[[], None]) -> ModemDriver:
    return AtDriver(
        tty or "",
        on_event=on_event,
        pin=CardPin(settings.pin_file, utc_now) if settings.pin_file else None,
        submit_timeout_s=settings.submit_timeout_s,
    )
