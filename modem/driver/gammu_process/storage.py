"""What waits in the phone: how much, listed, read and freed.

Of an AT phone as the AT driver has it, beside libgammu: python-gammu hides what libgammu cannot decode, cannot free
its place, and knows no storage but SM and ME.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from modem.driver.gammu_process.messages import Kept, Pdu, Report, Storage, Text
from modem.driver.gammu_process.phone import Phone, kept
from modem.driver.gammu_process.refusals import LOST, Refusal
from modem.driver.protocol import InboundEvent, ReportEvent, StoredContent, StoredEvent

# libgammu's locations go on through all folders of a phone.
_ALL_FOLDERS: Final = 0


def use(phone: Phone) -> Iterator[Storage]:
    """How full they are."""
    if phone.is_at:
        yield from (Storage(use.name, use.used, use.total) for use in phone.storages.use())
        return
    told = phone.call("GetSMSStatus")
    for name, prefix in (("SM", "SIM"), ("ME", "Phone")):
        if told[f"{prefix}Size"] > 0:
            yield Storage(name, told[f"{prefix}Used"], told[f"{prefix}Size"])


def read(phone: Phone, storage: str, index: int) -> list[Kept]:
    """What is at that place: one, or none when it is empty."""
    if phone.is_at:
        content = phone.storages.read(StoredEvent(storage, index, report=False))
        return [_said(storage, index, content)] if content else []
    messages = _found(phone, "GetSMS", _ALL_FOLDERS, index)
    return [kept(storage, index, message) for message in messages[:1]]


def delete(phone: Phone, storage: str, index: int) -> None:
    """Harmless when the place is empty already; refused when it stays taken."""
    if phone.is_at:
        phone.storages.delete(StoredEvent(storage, index, report=False))
        return
    try:
        phone.call("DeleteSMS", _ALL_FOLDERS, index)
    except Refusal as refusal:
        if refusal.refused.reason in LOST or read(phone, storage, index):
            raise


def waiting(phone: Phone) -> list[Kept]:
    """All that came in and was not deleted."""
    if phone.is_at:
        return [_said(place.storage, place.index, content) for place, content in phone.storages.waiting()]
    found: list[Kept] = []
    messages = _found(phone, "GetNextSMS", _ALL_FOLDERS, True)
    while messages:
        message, location = messages[0], int(messages[0]["Location"])
        if message["InboxFolder"]:
            found.append(kept(message["Memory"] or "ME", location, message))
        messages = _found(phone, "GetNextSMS", _ALL_FOLDERS, False, location)
    return found


def _found(phone: Phone, call: str, *arguments: Any) -> list[dict[str, Any]]:
    """None at an empty place and behind the last one."""
    try:
        return phone.call(call, *arguments) or []
    except Refusal as refusal:
        if refusal.refused.reason in LOST:
            raise
        return []


def _said(storage: str, index: int, content: StoredContent) -> Kept:
    """As a message."""
    if isinstance(content, ReportEvent):
        report = content.report
        times = _iso(report.submitted_at), _iso(report.discharged_at)
        return Report(storage, index, report.reference, report.recipient, *times, report.status)
    if isinstance(content, InboundEvent):
        text, place = content.deliver, content.deliver.concatenation
        joined = (place.reference, place.seq, place.total) if place else (None, None, None)
        return Text(storage, index, text.sender, text.text, _iso(text.sent_at), *joined)
    return Pdu(storage, index, False, content.pdu)


def _iso(at: datetime) -> str:
    return at.isoformat()
