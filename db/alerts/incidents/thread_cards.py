"""One alert as one card: whom it reached, and what followed it as lines beneath
(docs/adr/0201-one-alert-one-card.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.alerts.incidents.reach import Reach, reach_of
from db.alerts.progress.progress import BroadcastCard, broadcast_cards
from db.alerts.progress.threads import following
from db.engine.base import grouped

_OVER = ("finished", "cancelled")


@dataclass(frozen=True, slots=True)
class Line:
    """A broadcast with its own people by state."""

    card: BroadcastCard
    reach: Reach

    @property
    def runs(self) -> bool:
        return self.card.state not in _OVER

    @property
    def is_undone(self) -> bool:
        """True for what was stopped before anybody had it."""
        return self.card.state == "cancelled" and not self.card.went_out


@dataclass(frozen=True, slots=True)
class ThreadCard(Line):
    """An alert, or another broadcast that follows none. `lines`: what followed it, the oldest first."""

    lines: tuple[Line, ...] = ()

    @property
    def running(self) -> tuple[Line, ...]:
        """The broadcasts of it that go out or wait now, the oldest first."""
        return tuple(line for line in (self, *self.lines) if line.runs)

    @property
    def newest(self) -> Line:
        """The one that runs, else the last that was not undone, else the alert."""
        standing = [line for line in self.lines if not line.is_undone]
        return next(iter([*reversed(self.running), *reversed(standing)]), self)


def thread_cards(cards: Sequence[BroadcastCard], now: datetime) -> dict[int, ThreadCard]:
    """By broadcast, its card: every door that shows an alert asks here."""
    later = following([card.id for card in cards]) if cards else []
    originals = {row.id: row.original_id for row in later}
    followed = broadcast_cards(later, now)
    reached = reach_of([*cards, *followed], now)
    beneath = grouped((originals[card.id], Line(card, reached[card.id])) for card in followed)
    return {card.id: ThreadCard(card, reached[card.id], tuple(beneath.get(card.id, ()))) for card in cards}
