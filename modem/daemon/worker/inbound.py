"""Incoming messages reach the database; only then is their place in the modem freed (docs/reference/modem-facts.md,
"Storage"). Texts and senders are personal: nothing of them is logged.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from db.alerts.queue.reports import NetworkReport, apply_report
from db.alerts.values import Sender
from db.engine.connection import UNAVAILABLE
from db.inbound.received import apply_inbound, apply_unreadable
from modem.driver.interface.protocol import (
    ModemDriver,
    StoredContent,
    StoredEvent,
    UnreadableEvent,
)
from modem.errors import CommandError
from modem.sms.message import Deliver, StatusReport, report_outcome

_log = logging.getLogger(__name__)

# Writes a fact about a part, however long that takes; None for a claim that is somebody else's by now.
Settle = Callable[[Callable[[], object]], object]


def network_report(sender: Sender, report: StatusReport) -> NetworkReport:
    """The content of `report` for a part that went through this SIM."""
    return NetworkReport(
        imsi=sender.imsi,
        reference=report.reference,
        recipient=report.recipient,
        submitted_at=report.submitted_at,
        status=report.status,
        outcome=report_outcome(report.status),
        seat=sender.seat,
    )


def store(event: StoredContent, sender: Sender, now: datetime) -> None:
    """Write down a text, a report, or a PDU that nobody can read; harmless if it is read and stored twice. Reports from
    a modem that nobody accepted prove nothing.
    """
    match event:
        case StatusReport():
            if sender.stick is None:
                apply_report(network_report(sender, event), now)
        case Deliver():
            apply_inbound(sender.imsi, event, sender.simulated, now, sender.stick)
        case UnreadableEvent(pdu):
            apply_unreadable(sender.imsi, pdu, now)


def take_stored(driver: ModemDriver, stored: StoredEvent, sender: Sender, settle: Settle, now: datetime) -> None:
    """Read one place, store the message, free the place; an empty one is left alone. Raises ModemError. `settle`
    returns once the write is durable; if it raises, everything stays in the modem.
    """
    content = driver.read_stored(stored)
    if content is not None:
        _move(driver, stored, content, sender, settle, now)


def drain_storage(driver: ModemDriver, sender: Sender, settle: Settle, now: datetime) -> int:
    """Store all messages in the modem, and free their places; returns how many. Raises ModemError."""
    return sum(_move(driver, stored, content, sender, settle, now) for stored, content in driver.list_stored())


def _move(
    driver: ModemDriver, stored: StoredEvent, content: StoredContent, sender: Sender, settle: Settle, now: datetime
) -> bool:
    """False if the place stays occupied: a message that cannot be stored, or freed, must not delay the others."""
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
