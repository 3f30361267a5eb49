"""The message storages of a modem (3GPP TS 27.005 § 3.2.2, § 3.4.2, § 4.1, § 4.2): how full; list, read and free.

Texts wait in SM or ME, reports in the same or in SR (SIM7xxx). Messages stored for sending are left alone.

Events of the protocol, made of those of the engine.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from modem.at import answers
from modem.at.events import Late
from modem.driver.base.interface import (
    LateReceipt,
    ModemEvent,
    PortLost,
    StorageUse,
    StoredContent,
    StoredEvent,
    UnreadableEvent,
)
from modem.driver.dialogue.dialogue import Dialogue, Heard, Lost
from modem.driver.dialogue.steps import is_sim_busy
from modem.errors import CommandError, ModemTimeout, PduError
from modem.sms.incoming import decode_incoming
from modem.sms.message import StatusReport

_log = logging.getLogger(__name__)
# The URCs that become events, with the one line or the two that they have.
TELLING = frozenset({"+CDS", "+CMT", "+CDSI", "+CMTI"})
# Those of an incoming call.
CALLS = frozenset({"RING", "+CRING"})
_DIRECT = frozenset({"+CDS", "+CMT"})
NAMES: Final = ("SM", "ME", "SR")
REPORTS: Final = "SR"
LISTING_TIMEOUT_S: Final = 20.0
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
# <stat> of what was written for sending (27.005 § 3.1); text mode's words too, which some firmware never unlearns.
_OUTGOING: Final = frozenset({"2", "3", "STO UNSENT", "STO SENT"})


def event(heard: Heard) -> ModemEvent | None:
    """None where it holds nothing to act on, such as a late answer without a reference."""
    if isinstance(heard, Lost):
        return PortLost()
    if isinstance(heard, Late):
        reference = answers.reference(heard.lines)
        # A receipt that may be one submit's or another's is nobody's.
        return None if reference is None or heard.submit is None else LateReceipt(reference, heard.submit)
    if heard.name in _DIRECT:
        if len(heard.lines) == 2:
            return content(heard.lines[1])
        _log.warning("%s came without its PDU", heard.name)
        return None
    stored = answers.stored_at(heard.lines[0])
    return StoredEvent(*stored, report=heard.name == "+CDSI") if stored else None


def content(pdu: str) -> StoredContent:
    """The content of a PDU from the network; kept as it is where nobody can decode it."""
    try:
        return decode_incoming(pdu)
    except PduError:
        _log.warning("a PDU of %d octets cannot be decoded", len(pdu) // 2)
        return UnreadableEvent(pdu)


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of a listing: `index`, whether it came in, and its PDU; None when the line was lost."""

    index: int
    incoming: bool
    pdu: str | None


def entries(lines: Iterable[str]) -> list[Entry]:
    """AT+CMGL=4: `+CMGL: <index>,<stat>,[<alpha>],<length>` and the PDU on the next line, again and again."""
    listed: list[Entry] = []
    for line in lines:
        if (rest := answers.value([line], "+CMGL")) is not None:
            fields = answers.fields(rest)
            if fields[0].isascii() and fields[0].isdecimal():
                listed.append(Entry(int(fields[0]), fields[1:2] == [] or fields[1].upper() not in _OUTGOING, None))
        elif listed and listed[-1].pdu is None and _HEX.fullmatch(line):
            listed[-1] = Entry(listed[-1].index, listed[-1].incoming, line)
    return listed


def entry(lines: Iterable[str], index: int) -> Entry | None:
    """AT+CMGR=index: `+CMGR: <stat>,[<alpha>],<length>` and the PDU; None where the place is empty."""
    rows = iter(lines)
    status = answers.value(rows, "+CMGR")
    if status is None:
        return None
    return Entry(index, answers.fields(status)[0].upper() not in _OUTGOING, next(rows, None))


class Storages:
    """The storages of one open modem. `selected` is the one that is read now (mem1 of AT+CPMS); `lists` is False for a
    modem that never answers AT+CMGL=4, and is set here when that shows.
    """

    def __init__(self, dialogue: Dialogue, selected: str | None, lists: bool = True) -> None:
        self._dialogue = dialogue
        self._selected = selected
        self._known: set[str] = set()
        self._missing: set[str] = set()
        self.lists = lists

    def use(self) -> list[StorageUse]:
        """The storage that receives (mem3 of AT+CPMS?), and the one for reports where the modem has one."""
        named = [use for use in answers.storages(self._dialogue.attempt("AT+CPMS?") or ()) if use.name]
        reports = self._select(REPORTS)
        return [*named[-1:], *([reports] if reports and reports.total else [])]

    def waiting(self) -> Iterator[tuple[StoredEvent, StoredContent]]:
        """All that came in and was not deleted, one after the other: anything else may be asked between two."""
        for name in NAMES:
            use = self._select(name)
            if use and (use.used or not use.total):  # no total: it does not say
                for place in self._listed(use):
                    if place.incoming and place.pdu:
                        message = self._checked(name, place.index, place.pdu)
                        report = isinstance(message, StatusReport) or name == REPORTS
                        yield StoredEvent(name, place.index, report), message

    def read(self, stored: StoredEvent) -> StoredContent | None:
        if not self._is_selected(stored.storage):
            return None
        place = self._entry(stored.index)
        return self._checked(stored.storage, stored.index, place.pdu) if place and place.pdu else None

    def delete(self, stored: StoredEvent) -> None:
        """Free that place. Raises CommandError when the modem refuses and the place is still occupied."""
        if not self._is_selected(stored.storage):
            return
        try:
            self._dialogue.ask(f"AT+CMGD={stored.index}")
        except CommandError:
            place = self._entry(stored.index)
            if place and place.pdu:
                raise

    def _checked(self, name: str, index: int, pdu: str) -> StoredContent:
        """The content of the PDU; read once more if it is invalid, so that a lost byte does not lose a text."""
        message = content(pdu)
        if isinstance(message, UnreadableEvent) and self._is_selected(name):
            again = self._entry(index)
            if again and again.pdu and again.pdu != pdu:
                return content(again.pdu)
        return message

    def _listed(self, use: StorageUse) -> Iterable[Entry]:
        """The selected storage's places, by AT+CMGL=4 where the modem answers it, else one by one."""
        if self.lists:
            try:
                listed = entries(self._dialogue.ask("AT+CMGL=4", LISTING_TIMEOUT_S))
                return [place if place.pdu else self._entry(place.index) or place for place in listed]
            except CommandError:
                _log.info("AT+CMGL=4 is refused; places are read one by one")
            except ModemTimeout:
                self._dialogue.ask("AT")  # it must be the listing that it does not answer, not everything
                self.lists = False
                _log.info("AT+CMGL=4 is never answered; places are read one by one")
        return islice(self._one_by_one(use), use.used)

    def _one_by_one(self, use: StorageUse) -> Iterator[Entry]:
        # Places count from 0 on some modems and from 1 on others.
        for index in range(use.total + 1):
            if self._is_selected(use.name) and (place := self._entry(index)):
                yield place

    def _entry(self, index: int) -> Entry | None:
        try:
            return entry(self._dialogue.ask(f"AT+CMGR={index}"), index)
        except CommandError:  # +CMS ERROR: 321, and what else an empty place is called
            return None

    def _is_selected(self, name: str) -> bool:
        return name == self._selected or self._select(name) is not None

    def _select(self, name: str) -> StorageUse | None:
        """Make `name` the one that is read and deleted from, and see how full it is; None when it is missing."""
        if name in self._missing:
            return None
        try:
            lines = self._dialogue.ask(f'AT+CPMS="{name}"')
        except CommandError as error:
            # Before any was selected the card may be starting, which some firmware refuses with the same code.
            if self._known and name not in self._known and not is_sim_busy(error):
                self._missing.add(name)
            return None
        self._known.add(name)
        self._selected = name
        uses = answers.storages(lines)
        return StorageUse(name, uses[0].used, uses[0].total) if uses else StorageUse(name, 0, 0)
