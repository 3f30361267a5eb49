"""What came in: from python-gammu's dictionaries and the storages into messages, and from those into the protocol."""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from modem.driver.dialogue.events import content
from modem.driver.gammu_process.messages import Arrived, Kept, Message, Pdu, Report, Text
from modem.driver.interface.protocol import InboundEvent, ReportEvent, StoredContent


def heard(event: dict[str, Any]) -> Message:
    """What the callback of a phone without a trail was given."""
    if "Type" in event:
        return kept("", 0, event)
    return Arrived("ME", int(event["Location"]), report=False)


def kept(storage: str, index: int, message: dict[str, Any]) -> Text | Report:
    """python-gammu's message as one of ours."""
    number = str(message["Number"])
    if message["Type"] == "Status_Report":
        times = (_utc(message["DateTime"]), _utc(message["SMSCDateTime"]))
        return Report(storage, index, int(message["MessageReference"]), number, *times, int(message["DeliveryStatus"]))
    header = message["UDH"]
    reference = next((int(header[key]) for key in ("ID16bit", "ID8bit") if int(header[key]) > 0), 0)
    place: Iterable[int | None] = (None, None, None)
    if int(header["AllParts"]) > 1 and int(header["PartNumber"]) > 0:
        place = (reference, int(header["PartNumber"]), int(header["AllParts"]))
    text = _without_controls(str(message["Text"]), "\n")
    return Text(storage, index, _without_controls(number), text, _utc(message["DateTime"]), *place)


def said(storage: str, index: int, found: StoredContent) -> Kept:
    """What the storages gave, to be said."""
    if isinstance(found, ReportEvent):
        report = found.report
        times = report.submitted_at.isoformat(), report.discharged_at.isoformat()
        return Report(storage, index, report.reference, report.recipient, *times, report.status)
    if isinstance(found, InboundEvent):
        text, place = found.deliver, found.deliver.concatenation
        joined = (place.reference, place.seq, place.total) if place else (None, None, None)
        return Text(storage, index, text.sender, text.text, text.sent_at.isoformat(), *joined)
    return Pdu(storage, index, False, found.pdu)


def understood(message: Kept) -> StoredContent:
    """What was said, for whoever asked the driver."""
    if isinstance(message, Pdu):
        return content(message.pdu)
    return ReportEvent(message.report) if isinstance(message, Report) else InboundEvent(message.deliver)


def _without_controls(text: str, but: str = "") -> str:
    return "".join(char for char in text if char in but or unicodedata.category(char) != "Cc")


def _utc(at: datetime | None) -> str:
    """ISO. A phone that tells no zone, or no time, is taken to mean UTC, or now."""
    if at is None:
        return datetime.now(UTC).isoformat()
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()
