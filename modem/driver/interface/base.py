"""The common part of all drivers: their settings, their lock, and the events that wait to be fetched."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Unpack

from modem.driver.interface.protocol import SUBMIT_TIMEOUT_S, Direction, Ims, ModemEvent, PortLost, Ring, Wiring
from modem.errors import CommandError

_log = logging.getLogger(__name__)

# All that came to one modem while the database was away may wait here: more reports than a zone has people. A network
# brings a few a second; what says more would fill the memory, and then the disk.
MOST_AT_ONCE = 20_000
A_SECOND = 5


class Allowance:
    """The events that a modem may still report, by a clock in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._at, self._left = clock, clock(), float(MOST_AT_ONCE)

    def take(self) -> bool:
        """False when there is none left."""
        since, self._at = self._at, self._clock()
        self._left = min(MOST_AT_ONCE, self._left + A_SECOND * max(0.0, self._at - since))
        allowed = self._left >= 1
        self._left -= allowed
        return allowed


class BaseDriver:
    """One modem. Its commands run under `_turn`; `close`, from any thread, first ends the one that waits."""

    def __init__(self, device: str, **wiring: Unpack[Wiring]) -> None:
        self._device, self._on_event = device, wiring["on_event"]
        self._pin, self._smsc, self._usb_id = wiring.get("pin"), wiring.get("smsc"), wiring.get("usb_id")
        self._submit_timeout_s = wiring.get("submit_timeout_s", SUBMIT_TIMEOUT_S)
        self._on_traffic = wiring.get("on_traffic")
        self._turn = threading.RLock()
        self._heard: deque[ModemEvent] = deque()
        self._allowance = Allowance(time.monotonic)

    def ims(self) -> Ims:
        """Unknown."""
        return Ims()

    def ring(self, number: str, ring_s: float, goes_on: Callable[[], bool]) -> Ring:
        """Few of ModemManager's modems call."""
        raise CommandError("ATD")

    def drain_events(self) -> list[ModemEvent]:
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def _forget_losses(self) -> None:
        """The port that was lost is not the one that is opened now."""
        for lost in [event for event in self._heard if isinstance(event, PortLost)]:
            self._heard.remove(lost)

    def _add(self, event: ModemEvent) -> None:
        """Keep an event; called from any thread. Beyond the allowance it is dropped, and the port is lost."""
        if isinstance(event, PortLost) or self._allowance.take():
            self._heard.append(event)
        else:
            self._flooded()
        self._on_event()

    def _flooded(self) -> None:
        lost = PortLost(flooded=True)
        if not (self._heard and self._heard[-1] == lost):
            self._heard.append(lost)

    def _show(self, direction: Direction, data: bytes) -> None:
        if self._on_traffic:
            try:
                self._on_traffic(direction, data)
            except Exception as error:  # noqa: BLE001  (whoever looks on must not stop an alert)
                self._on_traffic = None
                _log.warning("%s: traffic is no longer recorded: %s", self._device, type(error).__name__)
