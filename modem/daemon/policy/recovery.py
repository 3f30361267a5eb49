"""Recovery of a modem without a person: the steps, the next try of the port, and the status shown meanwhile
(docs/reference/modem-facts.md, "Recovery ladder").

AT probe → close and reopen → AT+CFUN=1,1 → USBDEVFS_RESET → its USB port without power for a moment, where a hub can →
out of service with an alarm. The probe is the worker's first answer to any silence; the others follow here. Even out of
service the port is tried once a minute, so that a modem that comes back needs no person.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from modem.daemon.policy.pacing import is_due
from modem.daemon.records.status import Standing, trouble
from modem.driver.base.interface import ModemDriver
from modem.errors import ModemError, PinRequired, PortError, PortGone, PukRequired, SimMissing
from rules.sentences import coded

_log = logging.getLogger(__name__)

ABSENT_RETRY = timedelta(milliseconds=500)
# What a person has to mend (a PIN, a card, a program that holds the port) is looked at again at this pace.
PATIENCE = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 30, 60))
# A PIN comes by somebody who writes a file and watches the page.
PIN_PATIENCE = timedelta(seconds=5)
# Some modems no longer see their card until they are restarted (Telit LE910C1, A7670): after so many looks in vain, and
# then now and then, since nobody tells that from a slot that is empty.
LOOKS_FOR_CARD = 2
CARD_RESTARTS_APART = timedelta(minutes=10)
# A modem that has worked for so long begins with the first step again.
WELL_AFTER = timedelta(seconds=60)

# Only a person mends these (of a missing card a restart may, see above); else the steps are tried.
_FOR_A_PERSON = (PortError, SimMissing, PinRequired, PukRequired)

_RESTARTING: Standing = "starting", coded("restarting")

# A modem that was reset may be away for so long; until then it is expected to be absent, not broken.
EXPECTED_ABSENCE = timedelta(seconds=60)


class Step(NamedTuple):
    """Do `action`, then open after `wait`."""

    action: Literal["reopen", "restart", "usb_reset", "power_cycle", "give_up"]
    wait: timedelta


STEPS = (
    Step("reopen", timedelta(seconds=1)),
    Step("reopen", timedelta(seconds=2)),
    Step("restart", timedelta(seconds=5)),
    Step("reopen", timedelta(seconds=15)),
    Step("usb_reset", timedelta(seconds=5)),
    Step("reopen", timedelta(seconds=15)),
    Step("power_cycle", timedelta(seconds=5)),
    Step("reopen", timedelta(seconds=15)),
    Step("give_up", timedelta(seconds=60)),
)


class Recovery:
    """One modem's way back. `usb_reset` and `power_cycle` return False where that is not possible."""

    def __init__(
        self, name: str, driver: ModemDriver, usb_reset: Callable[[], bool], power_cycle: Callable[[], bool]
    ) -> None:
        self._name, self._driver, self._usb_reset, self._power_cycle = name, driver, usb_reset, power_cycle
        self._failures = 0
        self._patience = 0
        self._open_at: datetime | None = None
        self._opened_at: datetime | None = None
        self._away_until: datetime | None = None
        self._away_as = _RESTARTING
        self._card_restart_at: datetime | None = None

    def may_open(self, now: datetime) -> bool:
        return is_due(self._open_at, now, PATIENCE[-1])

    def open_soon(self) -> None:
        """A person requested it, or the modem must be set up again: do not wait, and begin with the first step."""
        self._open_at = self._card_restart_at = None
        self._failures = 0

    def try_now(self) -> None:
        """A person asks for a try: do not wait, and go on with the steps where they were."""
        self._open_at = None

    @property
    def opens_at(self) -> datetime | None:
        """The time of the next try of the port; None for at once."""
        return self._open_at

    def opened(self, now: datetime) -> None:
        self._away_until, self._opened_at, self._patience = None, now, 0

    def well(self, now: datetime) -> None:
        """It answers: after a minute of that the next trouble begins with the first step."""
        if self._opened_at is not None and is_due(self._opened_at + WELL_AFTER, now, WELL_AFTER):
            self._failures = 0

    def lost(self, error: ModemError, now: datetime) -> Standing:
        """The modem failed: close it, do the next step, and return its state."""
        if isinstance(error, PortGone):
            self._driver.close()
            return self.absent(now, error)
        if isinstance(error, SimMissing) and self._may_restart_for_card(now):
            self._card_restart_at = now + CARD_RESTARTS_APART
            return self.restart(now, trouble(error))
        if isinstance(error, _FOR_A_PERSON):
            self._driver.close()
            wait = PATIENCE[min(self._patience, len(PATIENCE) - 1)]
            self._open_at = now + (min(wait, PIN_PATIENCE) if isinstance(error, PinRequired) else wait)
            self._patience += 1
            return trouble(error)
        state, sentence = trouble(error)
        step = STEPS[min(self._failures, len(STEPS) - 1)]
        self._failures += 1
        if not self._do(step, now) and step.action == "power_cycle":
            step, self._failures = STEPS[-1], len(STEPS)
            self._open_at = now + step.wait
        if step.action == "give_up":
            return "out_of_service", coded("restarts_in_vain", sentence=sentence)
        return state, sentence

    def absent(self, now: datetime, gone: PortGone | None = None) -> Standing:
        """The port is gone: expected for a minute after a reset, else shown, with the reason in `gone`."""
        self._open_at = now + ABSENT_RETRY
        if self._away_until is not None and not is_due(self._away_until, now, EXPECTED_ABSENCE):
            return self._away_as
        if self._away_until is not None:  # it was reset, and did not come back: its port is without it
            self._try("switch its empty USB port off and on", self._power_cycle)
        self._away_until = None
        self._failures = 0  # whatever it was: another stick, or the same after a power cut, starts anew
        return trouble(gone or PortGone(self._name))

    def restart(self, now: datetime, shown: Standing = _RESTARTING) -> Standing:
        """A restart out of turn, as a person requests it; it is `shown` as this meanwhile."""
        self._do(next(step for step in STEPS if step.action == "restart"), now)
        self._away_as = shown
        return shown

    def _may_restart_for_card(self, now: datetime) -> bool:
        return self._patience >= LOOKS_FOR_CARD and is_due(self._card_restart_at, now, CARD_RESTARTS_APART)

    def _do(self, step: Step, now: datetime) -> bool:
        """False when the step could not be done."""
        done = True
        if step.action == "restart":
            done = self._try("restart it", self._driver.reset)
        self._driver.close()
        if step.action == "usb_reset":
            done = self._try("reset its USB device", self._usb_reset)
        if step.action == "power_cycle":
            done = self._try("switch its USB port off and on", self._power_cycle)
        if step.action in ("restart", "usb_reset") or (step.action == "power_cycle" and done):
            self._away_until, self._away_as = now + EXPECTED_ABSENCE, _RESTARTING
        self._open_at = now + step.wait
        return done

    def _try(self, what: str, step: Callable[[], object]) -> bool:
        try:
            done = step() is not False
        except ModemError as error:
            _log.warning("modem %s: could not %s: %s", self._name, what, error)
            return False
        _log.warning("modem %s: tried to %s%s", self._name, what, "" if done else ": that is not possible here")
        return done
