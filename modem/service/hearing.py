"""What the modem says by itself: reports, late receipts, texts. Nothing that was heard is lost to a failure."""

import logging
from collections import deque
from datetime import datetime

from db import outbox
from db.outbox import Sender
from modem.driver.protocol import LateReceipt, ModemDriver, ModemEvent, PortLost, ReportEvent, StoredEvent
from modem.errors import ModemError, PortGone
from modem.service.ledger import Ledger
from modem.service.reports import apply_network_report
from modem.service.unanswered import Unanswered

_log = logging.getLogger(__name__)


class Hearing:
    """Events of one modem, applied oldest first."""

    def __init__(self, name: str, driver: ModemDriver, ledger: Ledger) -> None:
        self._name, self._driver, self._ledger = name, driver, ledger
        self._heard: deque[ModemEvent] = deque()

    def hear(self, sender: Sender, unanswered: Unanswered, now: datetime) -> None:
        """Apply all that was said. Raises PortGone for a lost port, ModemError when a stored one cannot be read."""
        self._listen()
        while self._heard:
            event = self._heard.popleft()
            try:
                self._apply(event, sender, unanswered, now)
            except ModemError:
                if isinstance(event, StoredEvent):
                    self._heard.append(event)  # still in the modem's storage; what came after it is not lost either
                raise

    def port_opened(self) -> None:
        """The port that was lost is not the one that was just opened."""
        self._listen()
        self._heard = deque(event for event in self._heard if not isinstance(event, PortLost))

    def _listen(self) -> None:
        self._heard.extend(self._driver.drain_events())

    def _apply(self, event: ModemEvent, sender: Sender, unanswered: Unanswered, now: datetime) -> None:
        match event:
            case PortLost():
                raise PortGone(self._name)
            case ReportEvent(report):
                self._ledger.settle(lambda: apply_network_report(sender, report, now))
            case LateReceipt(reference):
                claim = unanswered.owner(reference)
                if claim is not None:
                    self._ledger.settle(lambda: outbox.mark_late(claim, reference, sender, now))
            case StoredEvent(report=True):
                found = self._driver.read_stored(event)
                if isinstance(found, ReportEvent):
                    self._ledger.settle(lambda: apply_network_report(sender, found.report, now))
                    # Only what the database has: a text at that place, perhaps a STOP, is not ours to delete.
                    self._driver.delete_stored(event)
            case _:
                _log.info("modem %s: a text came in and stays on the SIM", self._name)
