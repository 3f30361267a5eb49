"""What waits in the phone: how much, listed, read and freed.

Of an AT phone as the AT driver has it, beside libgammu: python-gammu hides what libgammu cannot decode, cannot free
its place, and knows no storage but SM and ME.
"""

from collections.abc import Iterator
from typing import Any, Final

from modem.driver.gammu_process.incoming import kept, said
from modem.driver.gammu_process.messages import Kept, Storage
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.refusals import LOST, Refusal
from modem.driver.interface.protocol import StoredEvent

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
        return [said(storage, index, content)] if content else []
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
        return [said(place.storage, place.index, content) for place, content in phone.storages.waiting()]
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
