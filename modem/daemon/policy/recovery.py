"""Getting a modem back without a person: what is tried, when the port is opened again, what people read meanwhile."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from modem.daemon.policy.pacing import is_due
from modem.daemon.policy.recovery_steps import EXPECTED_ABSENCE, RESTART, Ladder, Rung
from modem.daemon.records.status import Standing, trouble
from modem.driver.interface.protocol import ModemDriver
from modem.errors import ModemError, PinRequired, PortError, PortGone, PukRequired, SimMissing
from plp.rules.sentences import coded

_log = logging.getLogger(__name__)

ABSENT_RETRY = timedelta(milliseconds=500)
# What a person has to mend (a PIN, a card, a program that holds the port) is looked at again at this pace.
PATIENCE = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 30, 60))
# A PIN comes by somebody who writes a file and watches the page.
PIN_PATIENCE = timedelta(seconds=5)
# A modem that has worked for so long stands at the top of its ladder again.
WELL_AFTER = timedelta(seconds=60)

# Only a person mends these; whatever else goes wrong, the ladder tries.
_FOR_A_PERSON = (PortError, SimMissing, PinRequired, PukRequired)

_RESTARTING: Standing = "starting", coded("restarting")


class Recovery:
    """One modem's way back. `usb_reset` is the last step before giving up (False: there is no USB device)."""

    def __init__(self, name: str, driver: ModemDriver, usb_reset: Callable[[], bool]) -> None:
        self._name, self._driver, self._usb_reset = name, driver, usb_reset
        self._ladder = Ladder()
        self._patience = 0
        self._open_at: datetime | None = None
        self._opened_at: datetime | None = None
        self._away_until: datetime | None = None

    def may_open(self, now: datetime) -> bool:
        """True when it is time to try the port."""
        return is_due(self._open_at, now, PATIENCE[-1])

    def open_soon(self) -> None:
        """A person asked, or the modem needs its set-up anew: do not wait, and begin at the top."""
        self._open_at = None
        self._ladder.up()

    def opened(self, now: datetime) -> None:
        """The set-up went through."""
        self._away_until, self._opened_at, self._patience = None, now, 0

    def well(self, now: datetime) -> None:
        """It answers: after a minute of that the next trouble starts at the top of the ladder."""
        if self._opened_at is not None and is_due(self._opened_at + WELL_AFTER, now, WELL_AFTER):
            self._ladder.up()

    def lost(self, error: ModemError, now: datetime) -> Standing:
        """The modem failed: close it, do the next thing, and say how it stands."""
        if isinstance(error, PortGone):
            self._driver.close()
            return self.absent(now, error)
        if isinstance(error, _FOR_A_PERSON):
            self._driver.close()
            wait = PATIENCE[min(self._patience, len(PATIENCE) - 1)]
            self._open_at = now + (min(wait, PIN_PATIENCE) if isinstance(error, PinRequired) else wait)
            self._patience += 1
            return trouble(error)
        state, sentence = trouble(error)
        rung = self._ladder.down()
        self._climb(rung, now)
        if rung.step == "give_up":
            return "out_of_service", coded("restarts_in_vain", sentence=sentence)
        return state, sentence

    def absent(self, now: datetime, gone: PortGone | None = None) -> Standing:
        """The port is not there: expected for a minute after a reset, else told, with what `gone` says of it."""
        self._open_at = now + ABSENT_RETRY
        if self._away_until is not None and not is_due(self._away_until, now, EXPECTED_ABSENCE):
            return _RESTARTING
        self._away_until = None
        self._ladder.up()  # whatever it was: another stick, or the same after a power cut, starts anew
        return trouble(gone or PortGone(self._name))

    def restart(self, now: datetime) -> Standing:
        """A person asked for it."""
        self._climb(RESTART, now)
        return _RESTARTING

    def _climb(self, rung: Rung, now: datetime) -> None:
        if rung.step == "restart":
            self._try("restart it", self._driver.reset)
        self._driver.close()
        if rung.step == "usb_reset":
            self._try("reset its USB device", self._usb_reset)
        if rung.resets:
            self._away_until = now + EXPECTED_ABSENCE
        self._open_at = now + rung.wait

    def _try(self, what: str, step: Callable[[], object]) -> None:
        try:
            done = step()
        except ModemError as error:
            _log.warning("modem %s: could not %s: %s", self._name, what, error)
        else:
            _log.warning("modem %s: tried to %s%s", self._name, what, "" if done is not False else ": it has none")
