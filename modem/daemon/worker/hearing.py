"""Unsolicited events of the modem: reports, late receipts, texts. No event is lost to a failure."""

from collections import deque
from datetime import datetime

from db.alerts.queue.marks import mark_late
from db.alerts.queue.reports import NetworkReport, apply_reports
from db.alerts.values import Claim, Sender
from modem.daemon.worker.inbound import Settle, network_report, store
from modem.daemon.worker.storages import Storages
from modem.driver.interface.protocol import (
    LateReceipt,
    ModemDriver,
    ModemEvent,
    PortLost,
    StoredEvent,
    UnreadableEvent,
)
from modem.errors import Flooded, PortGone
from modem.sms.message import Deliver, StatusReport

# Reports in one transaction: the other modems have their turn between two.
AT_ONCE = 500


class Hearing:
    """Events of one modem, applied oldest first."""

    def __init__(self, name: str, driver: ModemDriver, settle: Settle, storages: Storages) -> None:
        self._name, self._driver, self._settle, self._storages = name, driver, settle, storages
        self._heard: deque[ModemEvent] = deque()

    def hear(self, sender: Sender, unanswered: dict[int, Claim], now: datetime, part_follows: bool = False) -> None:
        """Apply all events; when they are reports and `part_follows` at once, they are written with its receipt, like
        those that arrive during its submit. Raises PortGone for a lost port, ModemError when a stored one cannot be
        read: then the later ones are kept; the stored one itself waits in the modem.
        """
        self._listen()
        if part_follows and all(isinstance(event, StatusReport) for event in self._heard):
            return
        while self._heard:
            if reports := self._first_reports(sender):
                if sender.stick is None:
                    self._store_reports(reports, now)
            else:
                self._apply(self._heard.popleft(), sender, unanswered, now)

    def take_reports(self, sender: Sender) -> list[NetworkReport]:
        """The reports that no other event precedes; the caller must write them."""
        self._listen()
        return self._first_reports(sender)

    def _first_reports(self, sender: Sender) -> list[NetworkReport]:
        reports: list[NetworkReport] = []
        while len(reports) < AT_ONCE and self._heard and isinstance(event := self._heard[0], StatusReport):
            reports.append(network_report(sender, event))
            self._heard.popleft()
        return reports

    def port_opened(self) -> None:
        """The port that was lost is not the one that was just opened."""
        self._listen()
        self._heard = deque(event for event in self._heard if not isinstance(event, PortLost))

    def _store_reports(self, reports: list[NetworkReport], now: datetime) -> None:
        self._settle(lambda: apply_reports(reports, now))

    def _listen(self) -> None:
        self._heard.extend(self._driver.drain_events())

    def _apply(self, event: ModemEvent, sender: Sender, unanswered: dict[int, Claim], now: datetime) -> None:
        match event:
            case PortLost(flooded):
                raise (Flooded if flooded else PortGone)(self._name)
            case Deliver() | UnreadableEvent():
                self._settle(lambda: store(event, sender, now))
            case StoredEvent():
                self._storages.take(event, sender, now)
            case LateReceipt(reference, submit):
                claim = unanswered.pop(submit, None)
                if claim is not None:
                    self._settle(lambda: mark_late(claim, reference, sender, now))
