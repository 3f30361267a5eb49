"""The storages of a modem (3GPP TS 27.005 § 3.1): tiny, numbered from 1."""

from dataclasses import dataclass, field
from typing import Literal

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
