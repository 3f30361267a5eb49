"""Texts and status reports on their way to a SIM, in the order of time, and the storages in which they wait: tiny, and
numbered from 1 (3GPP TS 27.005 § 3.1).
"""

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, NamedTuple

from modem.sim.network import Submit
from tests.simulator.base.tpdu import make_report

Kind = Literal["deliver", "report", "submit"]
# a network that cannot hand something over tries again
RETRY_S = 10.0


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
        """The place it got, the lowest that was free; None when all are taken."""
        if self.full:
            return None
        place = next(place for place in range(1, self.places + 1) if place not in self.messages)
        self.messages[place] = message
        return place


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

    def add(self, due: float, kind: Kind, tpdu: bytes, smsc: str = "") -> None:
        heapq.heappush(self._coming, Arrival(due, next(self._order), kind, tpdu, smsc))

    def postpone(self, arrival: Arrival, now: float) -> None:
        """It could not be handed over: once more later."""
        self.add(now + RETRY_S, arrival.kind, arrival.tpdu, arrival.smsc)

    def take(self, now: float) -> Arrival | None:
        """The oldest of the arrivals until now."""
        return heapq.heappop(self._coming) if self._coming and self._coming[0].due <= now else None

    def add_report(self, submit: Submit, reference: int, now: float, report_s: float) -> None:
        """The network reports on this submit `report_s` after `now`: its recipient has it."""
        due = now + report_s
        self.add(due, "report", make_report(submit.address, reference, 0, now, due))

    def add_part(self, due: float, tpdu: bytes, sender: str = "") -> None:
        """One SMS-DELIVER comes at `due`; `sender` where it is known."""
        self.add(due, "deliver", tpdu)
