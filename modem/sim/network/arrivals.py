"""Texts and status reports on their way to a SIM, in the order of time, and the storages in which they wait: tiny, and
numbered from 1 (3GPP TS 27.005 § 3.1).
"""

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, NamedTuple

from modem.sim.network.faults import Faults
from modem.sim.network.tpdu import Submit, make_report

Kind = Literal["deliver", "report", "submit"]


@dataclass(slots=True)
class Stored:
    """One place of storage. `status` as in TS 27.005 § 3.1: 0 unread, 1 read, 2 unsent, 3 sent."""

    kind: Kind
    status: int
    pdu: bytes


@dataclass(slots=True)
class Storage:
    """One memory (SM, ME, SR): place → message, at most `places` of them."""

    places: int
    messages: dict[int, Stored] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        return len(self.messages) >= self.places

    def put(self, message: Stored) -> int | None:
        """The place it got, the lowest that was free; None when there is none."""
        if self.full:
            return None
        place = next(place for place in range(1, self.places + 1) if place not in self.messages)
        self.messages[place] = message
        return place


# a network that cannot hand something over tries again
RETRY_S = 10.0
OTHER_SMSC = "+32470888888"
_STILL_TRYING = 0x30


class Arrival(NamedTuple):
    """One TPDU that comes at `due` (seconds since the epoch); `smsc` (E.164) is empty for the SIM's own centre."""

    due: float
    order: int
    kind: Kind
    tpdu: bytes
    smsc: str


class Arrivals:
    """The queue of one SIM."""

    def __init__(self) -> None:
        self._coming: list[Arrival] = []
        self._order = count()

    @property
    def due(self) -> float | None:
        return self._coming[0].due if self._coming else None

    @property
    def waiting(self) -> int:
        """The number that are still to come, or found no place."""
        return len(self._coming)

    def add(self, due: float, kind: Kind, tpdu: bytes, smsc: str = "") -> None:
        heapq.heappush(self._coming, Arrival(due, next(self._order), kind, tpdu, smsc))

    def postpone(self, arrival: Arrival, now: float) -> None:
        """It could not be handed over: once more later."""
        self.add(now + RETRY_S, arrival.kind, arrival.tpdu, arrival.smsc)

    def take(self, now: float) -> Arrival | None:
        """The oldest of the arrivals until now."""
        return heapq.heappop(self._coming) if self._coming and self._coming[0].due <= now else None

    def add_report(self, submit: Submit, reference: int, now: float, report_s: float, faults: Faults) -> None:
        """The network reports on this submit `report_s` after `now`, unless a fault has it otherwise."""
        to, due = submit.to, now + report_s
        if faults.hits("noreport", to):
            return
        if late := faults.hits("report-late", to):
            due += late.seconds
        if disorder := faults.hits("report-disorder", to):
            due += disorder.seconds * faults.dice.random()
        if faults.hits("report-early", to):
            due = now
        if shifted := faults.hits("report-reference", to):
            reference = (reference + shifted.code) % 256
        smsc = OTHER_SMSC if faults.hits("report-smsc", to) else ""
        rule = faults.hits("report", to)
        status = rule.code if rule else 0
        if faults.hits("report-trying", to):
            self.add(due, "report", make_report(submit.address, reference, _STILL_TRYING, now, due), smsc)
        for _ in range(2 if faults.hits("report-twice", to) else 1):
            self.add(due, "report", make_report(submit.address, reference, status, now, due), smsc)

    def add_part(self, due: float, tpdu: bytes, faults: Faults, sender: str = "") -> None:
        """One SMS-DELIVER comes at `due`, unless a fault has it that nothing comes in; `sender` where it is known."""
        if not faults.hits("inbound-lost", sender):
            self.add(due, "deliver", tpdu)

    def add_text(self, sender: str, parts: list[bytes], now: float, faults: Faults) -> None:
        """Somebody's text in its parts, unless a fault has it otherwise."""
        if len(parts) > 1 and faults.hits("inbound-missing", sender):
            parts = parts[:]
            del parts[faults.dice.randrange(len(parts))]
        if len(parts) > 1 and faults.hits("inbound-disorder", sender):
            parts = parts[::-1]
        for part in parts * (2 if faults.hits("inbound-twice", sender) else 1):
            self.add_part(now, part, faults, sender)
