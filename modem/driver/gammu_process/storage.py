"""What waits in the phone: listed, read and freed.

Of an AT phone the listing is in the trail, whole, also what libgammu cannot decode. It addresses two storages only,
as folders: SM and ME. What a modem puts into a third one (SR) is left there.
"""

from collections.abc import Iterator
from typing import Any, Final

from modem.driver.gammu_process.messages import Kept, Pdu, Storage
from modem.driver.gammu_process.phone import Phone, kept
from modem.driver.gammu_process.refusals import Refusal
from modem.driver.gammu_process.trail import Passage
from modem.driver.storage import Entry, entries, entry

_FOLDERS: Final = {"SM": 1, "ME": 3, "MT": 3}
# libgammu's locations go on through all folders: so many for each.
_FOLDER_SIZE: Final = 100_000
_FLAT: Final = 0
_SELECT, _LIST, _READ = 'AT+CPMS="', "AT+CMGL=4", "AT+CMGR="
_LOST: Final = frozenset({"timeout", "gone"})
# A storage that cannot be listed is read place by place; after so many that fail it is at its end.
_FAILURES: Final = 20


def use(phone: Phone) -> Iterator[Storage]:
    """How full they are."""
    told = phone.ask("GetSMSStatus")
    for name, prefix in (("SM", "SIM"), ("ME", "Phone")):
        if told[f"{prefix}Size"] > 0:
            yield Storage(name, told[f"{prefix}Used"], told[f"{prefix}Size"])


def read(phone: Phone, storage: str, index: int) -> list[Kept]:
    """What is at that place: one, or none when it is empty."""
    folder = _FOLDERS.get(storage)
    if folder is None:
        return []
    try:
        messages = phone.ask("GetSMS", folder if phone.is_at else _FLAT, index)
    except Refusal as refusal:
        if refusal.refused.reason in _LOST:
            raise
        messages = []
    if not phone.is_at:
        return [kept(storage, index, message) for message in messages[:1]]
    place = _place(phone.passage, index)
    return [Pdu(storage, index, False, place.pdu)] if place and place.pdu else []


def delete(phone: Phone, storage: str, index: int) -> None:
    """Harmless when the place is empty already."""
    folder = _FOLDERS.get(storage)
    if folder is None:
        return
    try:
        phone.ask("DeleteSMS", folder if phone.is_at else _FLAT, index)
    except Refusal as refusal:
        if refusal.refused.reason in _LOST:
            raise
        # libgammu reads a message before it deletes it, and keeps what it cannot read
        if _place(phone.passage, index):
            phone.say(f"AT+CMGD={index}")


def waiting(phone: Phone) -> list[Kept]:
    """All that came in and was not deleted."""
    return list((_Listing(phone).whole() if phone.is_at else _told_one_by_one(phone)).values())


class _Listing:
    """GetNextSMS, for an AT phone: it lists one storage after the other, and what it lists is read in the trail."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._found: dict[tuple[str, int], Kept] = {}
        self._selected = "SM"
        self._storages: list[str] = []

    def whole(self) -> dict[tuple[str, int], Kept]:
        location: int | None = None
        failures = 0
        while failures < _FAILURES:
            messages, error = _next(self._phone, location)
            last = self._note(self._phone.passage)
            if last is not None:
                location = last  # nothing of this storage is news any more: on to the next one
            elif messages:
                location = int(messages[0]["Location"])
            elif error == "ERR_EMPTY":
                break
            else:
                location, failures = (location or 0) + 1, failures + 1
        return self._found

    def _note(self, passage: Passage) -> int | None:
        """Keep what is in it; the location of the last message that was listed, if a storage was."""
        last = None
        for frame in passage.frames:
            if frame[0].startswith(_SELECT):
                self._selected = frame[0][len(_SELECT) :][:2]
            elif frame[0] == _LIST:
                if self._selected not in self._storages:
                    self._storages.append(self._selected)
                places = entries(frame[1:])
                self._keep(places)
                if places:
                    last = _FOLDER_SIZE * self._storages.index(self._selected) + places[-1].index
            elif frame[0].startswith(_READ) and frame[0][len(_READ) :].isdecimal():
                place = entry(frame[1:], int(frame[0][len(_READ) :]))
                self._keep([place] if place else [])
        return last

    def _keep(self, places: list[Entry]) -> None:
        for place in places:
            if place.incoming and place.pdu:
                self._found[self._selected, place.index] = Pdu(self._selected, place.index, False, place.pdu)


def _told_one_by_one(phone: Phone) -> dict[tuple[str, int], Kept]:
    found: dict[tuple[str, int], Kept] = {}
    messages, _ = _next(phone, None)
    while messages:
        storage, location = messages[0]["Memory"] or "ME", int(messages[0]["Location"])
        if messages[0]["InboxFolder"]:
            found[storage, location] = kept(storage, location, messages[0])
        messages, _ = _next(phone, location)
    return found


def _next(phone: Phone, location: int | None) -> tuple[list[dict[str, Any]], str]:
    """The messages behind `location`, or none and the name of gammu's error."""
    try:
        messages = phone.ask("GetNextSMS", _FLAT, location is None, *([] if location is None else [location]))
    except Refusal as refusal:
        if refusal.refused.reason in _LOST:
            raise
        return [], refusal.error
    return messages, ""


def _place(passage: Passage, index: int) -> Entry | None:
    for frame in passage.answers(f"{_READ}{index}"):
        if found := entry(frame[1:], index):
            return found
    return None
