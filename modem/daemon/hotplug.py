"""Modems that come and go: the scout's thread, seats for modems that nobody named, rows for what cannot be used.

With no section in config.ini every known modem that is plugged in is used. Such a modem is known by its IMEI and keeps
its row, absent, for a month after it was last there.
"""

import logging
import threading
from datetime import datetime, timedelta
from typing import Final

from db.modems import status
from db.settings.values import ModemSettings, Settings
from modem.daemon.ports.naming import found_name, is_found_name, notice_name
from modem.daemon.ports.probe import Notice, Scout
from modem.daemon.records.status import Status
from modem.daemon.worker_threads import Seats
from modem.discovery.bus import usb_bus
from plp.rules.sentences import coded

_log = logging.getLogger(__name__)

REMEMBERED: Final = timedelta(days=30)
TIDY_EVERY: Final = timedelta(hours=1)


class Arrivals:
    """`step` is called by the daemon's own thread, which may write to the database."""

    def __init__(self, host: str, settings: Settings, seats: Seats, now: datetime) -> None:
        self._host, self._seats = host, seats
        self._named = [modem.name for modem in settings.modems]
        self._news = threading.Event()
        self._notices: tuple[Notice, ...] = ()
        self._tidy_at = now
        self._scout: Scout | None = None
        self._thread: threading.Thread | None = None
        if not self._named or any(wish.chooses for wish in seats.seating.wishes()):
            bus = usb_bus()
            if bus is None:
                _log.warning("only ports that a section names are used")
            self._scout = Scout(seats.seating, bus, self._on_change)

    def start(self, stop: threading.Event) -> None:
        """Start the scout, where there is something to choose."""
        if self._scout is not None:
            self._thread = threading.Thread(target=self._scout.run, args=(stop,), name="scout", daemon=True)
            self._thread.start()

    def join(self, patience_s: float) -> None:
        """Wait for the scout's end; a question to a silent modem ends with the process."""
        if self._thread is not None:
            self._thread.join(patience_s)

    def step(self, now: datetime) -> None:
        """Seat whoever came, and tell of what cannot be used. Raises the database's errors; then once more."""
        if now >= self._tidy_at or self._tidy_at - now > TIDY_EVERY:
            self._tidy(now)
            self._tidy_at = now + TIDY_EVERY
        if self._named or self._scout is None or not self._news.is_set():
            return
        self._news.clear()
        try:
            for imei in self._seats.seating.newcomers():
                self._seat(imei)
            self._tell(self._scout.notices, now)
        except Exception:
            self._news.set()
            raise

    def _on_change(self) -> None:
        """In the scout's thread."""
        self._news.set()
        self._seats.wake()

    def _seat(self, imei: str) -> None:
        known = {modem.name: modem.imei for modem in status.known_modems(self._host)}
        known |= {wish.name: wish.imei for wish in self._seats.seating.wishes()}  # whose rows may not be there yet
        name = found_name(imei, known)
        _log.info("modem %s was found", name)
        self._seats.add(ModemSettings(name, imei=imei), "auto")
        self._seats.start()

    def _tell(self, notices: tuple[Notice, ...], now: datetime) -> None:
        """A row for each thing that is plugged in and cannot be used, as long as it is."""
        for notice in notices:
            if notice not in self._notices:
                row = Status(notice.place, notice.state, notice.sentence, notice.names)
                status.save_modem(self._host, notice_name(notice.place), row.columns(), now)
        places = {notice.place for notice in notices}
        for notice in self._notices:
            if notice.place not in places:
                status.forget_modem(self._host, notice_name(notice.place))
        self._notices = notices

    def _tidy(self, now: datetime) -> None:
        """Forget modems that no section names, and those that were found and did not come back for a month."""
        if self._named:
            status.forget_other_modems(self._host, self._named, now)
            return
        seated = {wish.name for wish in self._seats.seating.wishes()}
        kept = [
            known.name
            for known in status.known_modems(self._host)
            if known.name in seated or (is_found_name(known.name, known.imei) and now - known.changed_at < REMEMBERED)
        ]
        notices = [notice_name(notice.place) for notice in self._notices]
        status.forget_other_modems(self._host, [*kept, *notices], now)
        status.mark_absent(self._host, [name for name in kept if name not in seated], coded("unplugged").stored, now)
