"""A summons and its calls, as they are stored and shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from plp.rules.states import PartState

# What people are called about: an alert that waits for a second person, a text with a word of alarm, a fault.
About = Literal["approval", "message", "incident"]

ON_ITS_WAY = (PartState.QUEUED, PartState.SENDING)
NOT_SENT = (PartState.FAILED, PartState.EXPIRED, PartState.CANCELLED, PartState.UNDELIVERED)


@dataclass(frozen=True, slots=True)
class CallCard:
    """One person's call. `outcome` is empty while it may be answered, no_answer, answered or unsent; `state` is the
    SMS's, None before it is queued; `sent_at` when a modem handed it over. `ring` is what became of the voice call.
    """

    id: int
    place: int
    account_id: int | None
    name: str
    begun_at: datetime
    called_at: datetime | None
    ended_at: datetime | None
    outcome: str
    ring: str
    state: PartState | None
    sent_at: datetime | None

    @property
    def shown(self) -> str:
        """A code of what is known of it: an outcome, else waiting, sent or delivered."""
        if self.outcome:
            return self.outcome
        if self.state is None or self.state in ON_ITS_WAY:
            return "waiting"
        return "delivered" if self.state is PartState.DELIVERED else "sent"


@dataclass(frozen=True, slots=True)
class SummonsCard:
    """People are called about `subjects`, those that nobody opened yet. `outcome`: empty, answered, opened or over."""

    id: int
    kind: About
    opened_at: datetime
    mailed_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    outcome: str
    subjects: tuple[str, ...]
    calls: tuple[CallCard, ...]
