"""The common part of the drivers over another program, which has the modem's dialogue."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Unpack

from modem.driver.interface.protocol import SUBMIT_TIMEOUT_S, Direction, Ims, ModemEvent, PortLost, Ring, Wiring
from modem.errors import CommandError


class RelayedDriver:
    """One modem. Its `usb_id` is not needed: the program asks the modem."""

    def __init__(self, device: str, **wiring: Unpack[Wiring]) -> None:
        self._device, self._on_event = device, wiring["on_event"]
        self._pin, self._smsc = wiring.get("pin"), wiring.get("smsc")
        self._submit_timeout_s = wiring.get("submit_timeout_s", SUBMIT_TIMEOUT_S)
        self._on_traffic = wiring.get("on_traffic")
        self._turn = threading.RLock()
        self._heard: deque[ModemEvent] = deque()

    def ims(self) -> Ims:
        """Nobody tells."""
        return Ims()

    def ring(self, number: str, ring_s: float, goes_on: Callable[[], bool]) -> Ring:
        """Not by these: libgammu waits for the end of a call that it began, few of ModemManager's modems call."""
        raise CommandError("ATD")

    def drain_events(self) -> list[ModemEvent]:
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def _forget_losses(self) -> None:
        """The port that was lost is not the one that is opened now."""
        for lost in [event for event in self._heard if isinstance(event, PortLost)]:
            self._heard.remove(lost)

    def _add(self, event: ModemEvent) -> None:
        """From any thread."""
        self._heard.append(event)
        self._on_event()

    def _show(self, direction: Direction, data: bytes) -> None:
        if self._on_traffic:
            try:
                self._on_traffic(direction, data)
            except Exception:  # noqa: BLE001  a recorder's defect must not cost the modem
                self._on_traffic = None
