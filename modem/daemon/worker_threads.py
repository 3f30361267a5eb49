"""One thread per modem, with its worker, its driver and its wake-up."""

import logging
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import cast

from base.settings.values import ModemSettings, Settings
from base.watchdog import alive, watched
from db.alerts.queue.marks import ClaimLost
from db.alerts.queue.recovery import take_back_of
from db.alerts.values import Claim
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, connected
from db.modems.status import known_modems
from modem.daemon.drivers import driver_maker
from modem.daemon.ports.driver_proxy import DriverProxy
from modem.daemon.ports.registry import PortRegistry
from modem.daemon.ports.requests import request_of
from modem.daemon.records.flight_recorder import FlightRecorder
from modem.daemon.worker.worker import ModemWorker
from modem.driver.base.interface import ModemDriver

_log = logging.getLogger(__name__)

PAUSED_LOOK_S = 1.0
# Reading goes on while a disk is full; only a longer peace says that writing does too.
PEACE_S = 15.0


class Outage:
    """The log records when the database becomes unreachable and when it is back: a line per second would fill up a full
    disk. For one thread. `waits` names what is stopped meanwhile; `clock` gives seconds.
    """

    def __init__(self, log: logging.Logger, waits: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._waits, self._clock = log, waits, clock
        self._began_s = self._last_s = 0.0
        self._is_away = False

    def away(self, error: Exception) -> None:
        """The database refused; logged the first time only."""
        self._last_s = self._clock()
        if not self._is_away:
            self._is_away, self._began_s = True, self._last_s
            self._log.warning("the database is away (%s); %s", error, self._waits)

    def back(self) -> None:
        """The database answered; logged when it had been away and has answered for a while."""
        if self._is_away and self._clock() - self._last_s >= PEACE_S:
            self._is_away = False
            self._log.warning("the database is back after %.0f s", self._last_s - self._began_s)


class ModemThread:
    """One modem's thread. It ends after `stop` is set and `wake` too; while `paused` is set it claims nothing."""

    def __init__(
        self,
        host: str,
        settings: ModemSettings,
        config: Path,
        registry: PortRegistry,
        stop: threading.Event,
        paused: threading.Event,
        start: Callable[[Claim, datetime], None],
    ) -> None:
        self.wake = threading.Event()
        self._host, self._name = host, settings.name
        self._stop, self._paused = stop, paused
        # The database went while something was written: it may have taken what it did not confirm.
        self._unsure = False
        self._outage = Outage(_log, f"modem {settings.name} waits, and keeps its results in memory")
        recorder = FlightRecorder(host, settings.name)
        driver = DriverProxy(
            registry, settings.name, utc_now, driver_maker(settings, self.wake.set, recorder.hear, config)
        )
        self.worker = ModemWorker(
            host,
            settings,
            cast(ModemDriver, driver),
            driver.is_there,
            utc_now,
            self._persist,
            usb_reset=driver.reset_usb,
            power_cycle=driver.power_cycle,
            save_transcript=recorder.save,
            start=start,
        )
        self.thread = threading.Thread(target=self._run, name=f"modem-{settings.name}", daemon=True)

    def _run(self) -> None:
        with connected(), watched():
            while not self._stop.is_set():
                alive()
                self.wake.clear()
                if self._paused.is_set():
                    self.wake.wait(PAUSED_LOOK_S)
                elif not self._step():
                    self.wake.wait(self.worker.idle_s(utc_now()))
            self._close()

    def _step(self) -> bool:
        try:
            if self._unsure:  # a claim that is stored but that nobody holds would wait for the end of its lease
                self.worker.put_back("database")
                taken_back = take_back_of(self._host, self._name, utc_now())
                self._unsure = False
                if taken_back:
                    _log.warning("modem %s: %d claims that nobody held were taken back", self._name, taken_back)
            busy = self.worker.step(utc_now())
        except UNAVAILABLE as error:
            self._unsure = True
            self._outage.away(error)
        except Exception:  # noqa: BLE001  (a defect in one worker must not stop the others, nor this one for good)
            _log.exception("unexpected; the modem is opened anew")
            self._close()
        else:
            self._outage.back()
            return busy
        self._stop.wait(1.0)
        return True

    def _close(self) -> None:
        try:
            self.worker.close()
        except Exception:  # noqa: BLE001  (this thread must outlive what it cannot tell the database)
            _log.exception("the modem could not be closed cleanly")

    def _persist(self, write: Callable[[], object]) -> object:
        """Write as soon as the database answers; None for a claim that is somebody else's by now."""
        wait_s = 0.05
        while True:
            alive()
            is_last = self._stop.is_set()  # a try that had begun before may have been too early
            try:
                return write()
            except ClaimLost:
                return None
            except UNAVAILABLE as error:
                self._unsure = True
                self._outage.away(error)
                if is_last:
                    raise
                time.sleep(wait_s * random.uniform(0.8, 1.2))  # noqa: S311
                wait_s = min(wait_s * 2, 2.0)


class ModemThreads:
    """All the modems of this daemon: those of config.ini, and those that were plugged in."""

    def __init__(
        self, host: str, settings: Settings, stop: threading.Event, start: Callable[[Claim, datetime], None]
    ) -> None:
        remembered = {known.name: known.imei for known in known_modems(host) if known.imei}
        self._host, self._settings, self._stop, self._paused = host, settings, stop, threading.Event()
        self._start = start
        self._threads: list[ModemThread] = []
        self.registry = PortRegistry(remembered)
        for modem in settings.modems:
            self.add(modem)

    def add(self, section: ModemSettings) -> None:
        """One more; its thread starts with `start`."""
        config = self._settings.path
        one = ModemThread(self._host, section, config, self.registry, self._stop, self._paused, self._start)
        self.registry.add(request_of(self._settings, section))
        self._threads.append(one)

    def start(self) -> None:
        """Start the threads that do not run yet."""
        for one in self._threads:
            if one.thread.ident is None:
                one.thread.start()

    def wake(self) -> None:
        """There may be something to do; from any thread."""
        for one in list(self._threads):
            one.wake.set()

    def pause(self) -> bool:
        """Claim nothing new; the result of a part that a modem has is still written. False when this was already so."""
        was_paused = self._paused.is_set()
        self._paused.set()
        return not was_paused

    def resume(self) -> None:
        if self._paused.is_set():
            self._paused.clear()
            self.wake()

    def check(self) -> None:
        """Raises RuntimeError when a thread ended that should not have."""
        ended = not all(one.thread.is_alive() for one in self._threads)
        if ended and not self._stop.is_set():  # in this order: they end as soon as it is
            raise RuntimeError("a modem's thread ended; the supervisor starts everything anew")

    def join(self, patience_s: float) -> None:
        """Wait for the ends of all threads; `stop` is set."""
        until = time.monotonic() + patience_s
        self.wake()
        for one in self._threads:
            if one.thread.ident is not None:
                one.thread.join(max(0.0, until - time.monotonic()))
