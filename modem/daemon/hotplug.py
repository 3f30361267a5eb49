"""Modems that come and go: the probe's thread, threads for modems that no section names, rows for unusable devices.

With no section in config.ini every known modem that is plugged in is used. It is recognised by its IMEI, and its row is
kept, as absent, for a month after it was last seen.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from base.settings.values import ModemSettings, Settings
from db.modems import status
from modem.daemon.ports.probe import Notice, PortProbe
from modem.daemon.records.status import Status
from modem.daemon.worker_threads import ModemThreads
from modem.discovery.bus import bus_verdicts
from rules.sentences import coded

_log = logging.getLogger(__name__)

REMEMBERED: Final = timedelta(days=30)
TIDY_EVERY: Final = timedelta(hours=1)
# Names of modems that stand in no section: stable, and short enough to say.
_PREFIX: Final = "m"
_SHORTEST: Final = 4


class Arrivals:
    """`step` is called by the daemon's own thread, which may write to the database."""

    def __init__(self, host: str, settings: Settings, threads: ModemThreads, now: datetime) -> None:
        self._host, self._threads = host, threads
        self._named = [modem.name for modem in settings.modems]
        self._news = threading.Event()
        self._notices: tuple[Notice, ...] = ()
        self._tidy_at = now
        self._probe: PortProbe | None = None
        self._thread: threading.Thread | None = None
        if not self._named or any(request.chooses for request in threads.registry.requests()):
            self._probe = PortProbe(threads.registry, bus_verdicts, self._on_change)

    def start(self, stop: threading.Event) -> None:
        """Start the probe, where something is to be chosen."""
        if self._probe is not None:
            self._thread = threading.Thread(target=self._probe.run, args=(stop,), name="probe", daemon=True)
            self._thread.start()

    def join(self, patience_s: float) -> None:
        """Wait for the probe's end; a question to a silent modem ends with the process."""
        if self._thread is not None:
            self._thread.join(patience_s)

    def step(self, now: datetime) -> None:
        """Start threads for new modems, report unusable devices; repeated after a database error, which is raised."""
        if now >= self._tidy_at or self._tidy_at - now > TIDY_EVERY:
            self._tidy(now)
            self._tidy_at = now + TIDY_EVERY
        if self._named or self._probe is None or not self._news.is_set():
            return
        self._news.clear()
        try:
            for imei in self._threads.registry.newcomers():
                self._start(imei)
            self._tell(self._probe.notices, now)
        except Exception:
            self._news.set()
            raise

    def _on_change(self) -> None:
        """In the probe's thread."""
        self._news.set()
        self._threads.wake()

    def _start(self, imei: str) -> None:
        known = {modem.name: modem.imei for modem in status.known_modems(self._host)}
        # Their rows may not exist yet.
        known |= {request.name: request.imei for request in self._threads.registry.requests()}
        name = found_name(imei, known)
        _log.info("modem %s was plugged in", name)
        self._threads.add(ModemSettings(name, imei=imei))
        self._threads.start()

    def _tell(self, notices: tuple[Notice, ...], now: datetime) -> None:
        """A row for everything that is plugged in and cannot be used, as long as it is."""
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
        """Delete modems that no section names, and plugged-in ones that did not return for a month."""
        if self._named:
            status.forget_other_modems(self._host, self._named, now)
            return
        running = {request.name for request in self._threads.registry.requests()}
        kept = [
            known.name
            for known in status.known_modems(self._host)
            if known.name in running or (is_found_name(known.name, known.imei) and now - known.changed_at < REMEMBERED)
        ]
        notices = [notice_name(notice.place) for notice in self._notices]
        status.forget_other_modems(self._host, [*kept, *notices], now)
        status.mark_absent(self._host, [name for name in kept if name not in running], coded("unplugged").stored, now)


def found_name(imei: str, known: Mapping[str, str | None]) -> str:
    """`m` and the last four digits of the IMEI, more if another modem of `known` (name → IMEI) has that name."""
    own = (name for name, owner in known.items() if owner == imei and is_found_name(name, imei))
    names = (_PREFIX + imei[-length:] for length in range(_SHORTEST, len(imei)))
    return next(chain(own, (name for name in names if name not in known)), _PREFIX + imei)


def is_found_name(name: str, imei: str | None) -> bool:
    """True for a name that `found_name` gives to this modem."""
    digits = name.removeprefix(_PREFIX)
    return imei is not None and name != digits and len(digits) >= _SHORTEST and imei.endswith(digits)


def notice_name(place: str) -> str:
    """The row of something that is plugged in at `place` (`1-1.2`) and cannot be used: `usb-1-1-2`."""
    return f"usb-{place.replace('.', '-')}"
