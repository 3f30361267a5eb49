"""Unsolicited events of the modem: reports, late receipts, texts; and the places for texts and reports in one modem and
its SIM, emptied into the database and watched. Texts and senders are personal: nothing of them is logged.

No event is lost to a failure: incoming messages reach the database; only then is their place in the modem freed
(docs/reference/modem-facts.md, "Storage"). A full storage silently stops replies and reports: it is emptied once the
port is open, when the network reports that it is full, and when the modem has nothing to send and holds unannounced
messages. That may take minutes: one message after the other, and urgent work goes between two of them.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from db.alerts.queue.marks import mark_heard, mark_late
from db.alerts.queue.reports import NetworkReport, apply_report, apply_reports
from db.alerts.values import Claim, Sender
from db.engine.connection import UNAVAILABLE
from db.inbound.received import apply_inbound, apply_unreadable
from db.modems import signal_history
from db.modems.signal_history import WARNING_SHARE
from modem.daemon.policy.pacing import is_due
from modem.driver.base.interface import (
    LateReceipt,
    ModemDriver,
    ModemEvent,
    OlderReceipt,
    PortLost,
    StorageUse,
    StoredContent,
    StoredEvent,
    UnreadableEvent,
)
from modem.errors import CommandError, PortGone
from modem.sms.message import Deliver, StatusReport, report_outcome
from rules.sentences import NOTHING, Sentence, coded, together

_log = logging.getLogger(__name__)
# Writes a fact about a part, however long that takes; None for a claim that is somebody else's by now.
Settle = Callable[[Callable[[], object]], object]
EVERY = timedelta(minutes=5)
# A storage in which nothing could be freed is not listed again for every refused part.
PURGES_APART = timedelta(seconds=30)
_NAMED = ("SM", "ME", "SR")
# Reports in one transaction: the other modems have their turn between two.
AT_ONCE = 500


def network_report(sender: Sender, report: StatusReport, now: datetime) -> NetworkReport:
    """The content of `report` for a part that went through this SIM; of one without a time, as of now."""
    return NetworkReport(
        imsi=sender.imsi,
        reference=report.reference,
        recipient=report.recipient,
        submitted_at=report.submitted_at or now,
        status=report.status,
        outcome=report_outcome(report.status),
        seat=sender.seat,
    )


def store(event: StoredContent, sender: Sender, now: datetime) -> None:
    """Write it down, harmlessly also twice. Reports from a modem that nobody accepted prove nothing."""
    match event:
        case StatusReport():
            if sender.stick is None:
                apply_report(network_report(sender, event, now), now)
        case Deliver():
            apply_inbound(sender.imsi, event, sender.simulated, now, sender.stick)
        case UnreadableEvent(pdu):
            apply_unreadable(sender.imsi, pdu, now)


def _move(
    driver: ModemDriver, stored: StoredEvent, content: StoredContent, sender: Sender, settle: Settle, now: datetime
) -> bool:
    """Store the message, then free its place. False if the place stays occupied: a message that cannot be stored, or
    freed, must not delay the others. `settle` returns once the write is durable.
    """
    if settle(lambda: _is_stored(stored, content, sender, now)) is False:
        return False
    try:
        driver.delete_stored(stored)
    except CommandError as refused:
        _log.warning("modem %s: %s; place %d stays taken", sender.modem, refused, stored.index)
        return False
    return True


def _is_stored(stored: StoredEvent, content: StoredContent, sender: Sender, now: datetime) -> bool:
    """Write it down. A text on which we fail must not keep alerts from going out, every time the port is opened."""
    try:
        store(content, sender, now)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001  (see above; what it says may hold the text)
        _log.error("modem %s: place %d cannot be stored: %s", sender.modem, stored.index, type(error).__name__)
        return False
    return True


class Storages:
    """`sentence` is for people, NOTHING while they have room; the modem still sends. A modem that refuses to list is
    used as it is. Until `empty_at_start` announced messages stay in the modem: a card that nobody accepted yet may be
    somebody's own, with private texts.

    `urgent_waits`, given the time at which the emptying began, is asked between two messages: the rest stays for later.
    """

    def __init__(
        self, driver: ModemDriver, settle: Settle, urgent_waits: Callable[[datetime], bool] = lambda since: False
    ) -> None:
        self._driver, self._settle, self._urgent_waits = driver, settle, urgent_waits
        self.sentence = NOTHING
        self._emptied = False
        self._due_at: datetime | None = None
        self._purge_at: datetime | None = None
        # What is left of an emptying, since when, and the places that were freed meanwhile.
        self._left: Iterator[tuple[StoredEvent, StoredContent]] | None = None
        self._left_since: datetime | None = None
        self._freed: set[int] = set()

    def port_opened(self) -> None:
        """Begin anew with a port: `empty_at_start` finds what came while nobody listened."""
        self.sentence = NOTHING
        self._emptied = False
        self._purge_at = self._left = None

    def empty_at_start(self, sender: Sender, now: datetime) -> None:
        """Once after the port was opened, before the first part is sent. Raises ModemError."""
        if self._emptied:
            return
        # First: a listing that the modem never answers must not keep it from sending. It is tried again when idle.
        self._emptied = True
        self._empty(sender, now)

    def take(self, stored: StoredEvent, sender: Sender, now: datetime) -> None:
        """Store an announced message, then free its place; else the next look is due at once. Raises ModemError."""
        if not self._emptied:
            return
        due_at, self._due_at = self._due_at, None
        try:
            content = self._driver.read_stored(stored)
            if content is not None:
                self._freed.add(stored.index)
                _move(self._driver, stored, content, sender, self._settle, now)
        except CommandError as refused:
            _log.warning("modem %s: %s; the message stays where it is", sender.modem, refused)
        else:
            self._due_at = due_at

    def look_if_due(self, sender: Sender, now: datetime) -> bool:
        """Check the storages while the modem has nothing to send: listing may take long. True when urgent work was in
        the way. Raises ModemError.
        """
        if self._left is not None:
            self._drain(sender, now)
        elif is_due(self._due_at, now, EVERY):
            self._due_at = now + EVERY
            uses = self._uses(sender)
            if any(use.used for use in uses):
                self._empty(sender, now)
            else:
                self._note(uses, sender, now)
        return self._left is not None

    def catch_up(self, sender: Sender, now: datetime) -> None:
        """Take one out between two parts, once they kept it in the modem for long. Raises ModemError."""
        if self._left is not None and self._left_since and is_due(self._left_since + EVERY, now, EVERY):
            self._drain(sender, now, at_most=1)

    def purge(self, sender: Sender, now: datetime) -> None:
        """The network reports that one is full: empty them now, also between two parts. Raises ModemError."""
        if is_due(self._purge_at, now, PURGES_APART):
            self._purge_at = now + PURGES_APART
            if self._empty(sender, now):
                self._purge_at = None

    def _empty(self, sender: Sender, now: datetime) -> int:
        self._due_at, self._left_since, self._left = now + EVERY, now, self._listed()
        self._freed.clear()
        return self._drain(sender, now)

    def _listed(self) -> Iterator[tuple[StoredEvent, StoredContent]]:
        """Nothing is asked of the modem before the first is taken."""
        yield from self._driver.list_stored()

    def _drain(self, sender: Sender, now: datetime, at_most: int | None = None) -> int:
        """Take out what is left, and look how full they are then; how many were taken out."""
        left, self._left = self._left or iter(()), None  # none is left where anything fails
        count = 0
        try:
            for tried, (place, content) in enumerate(left, 1):
                if place.index not in self._freed:  # another one may be there now
                    count += _move(self._driver, place, content, sender, self._settle, now)
                if tried == at_most or self._urgent_waits(self._left_since or now):
                    self._left = left
                    return count
        except CommandError as refused:
            _log.warning("modem %s: what waits in its storage cannot be listed: %s", sender.modem, refused)
        if count:
            _log.info("modem %s: taken out of its storage: %d", sender.modem, count)
        self._note(self._uses(sender), sender, now)
        return count

    def _uses(self, sender: Sender) -> list[StorageUse]:
        try:
            return self._driver.storage_use()
        except CommandError as refused:
            _log.warning("modem %s: its storages cannot be looked at: %s", sender.modem, refused)
            return []

    def _note(self, uses: list[StorageUse], sender: Sender, now: datetime) -> None:
        """Say how full they are; to the pages while the database answers."""
        full = [use for use in uses if use.total and use.used >= WARNING_SHARE * use.total]
        self.sentence = together(*map(_full, full)) if full else NOTHING
        filled = [(use.name, use.used, use.total) for use in uses]
        with suppress(*UNAVAILABLE):
            signal_history.apply_storages(sender.host, sender.modem, filled, now)


def _full(use: StorageUse) -> Sentence:
    place = coded(f"memory_{use.name}") if use.name in _NAMED else use.name
    return coded("memory_full", place=place, used=use.used, total=use.total)


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
            if reports := self._first_reports(sender, now):
                if sender.stick is None:
                    self._settle(lambda: apply_reports(reports, now))
            else:
                self._apply(self._heard.popleft(), sender, unanswered, now)

    def take_reports(self, sender: Sender, now: datetime) -> list[NetworkReport]:
        """The reports that no other event precedes; the caller must write them."""
        self._listen()
        return self._first_reports(sender, now)

    def _first_reports(self, sender: Sender, now: datetime) -> list[NetworkReport]:
        reports: list[NetworkReport] = []
        while len(reports) < AT_ONCE and self._heard and isinstance(event := self._heard[0], StatusReport):
            reports.append(network_report(sender, event, now))
            self._heard.popleft()
        return reports

    def port_opened(self) -> None:
        """The port that was lost is not the one that was just opened."""
        self._listen()
        self._heard = deque(event for event in self._heard if not isinstance(event, PortLost))

    def _listen(self) -> None:
        self._heard.extend(self._driver.drain_events())

    def _apply(self, event: ModemEvent, sender: Sender, unanswered: dict[int, Claim], now: datetime) -> None:
        match event:
            case PortLost():
                raise PortGone(self._name)
            case Deliver() | UnreadableEvent():
                self._settle(lambda: store(event, sender, now))
            case StoredEvent():
                self._storages.take(event, sender, now)
            case LateReceipt(reference, submit):
                claim = unanswered.pop(submit, None)
                if claim is not None:
                    self._settle(lambda: mark_late(claim, reference, sender, now))
            case OlderReceipt(reference, attempt):
                self._settle(lambda: mark_heard(attempt, reference, now))
