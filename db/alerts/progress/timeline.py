"""Timeline of a broadcast: running totals of SMS taken by the network and delivered."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from peewee import SQL, fn

from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import Broadcast, Part
from plp.rules.states import PartState

# So many points are enough for any screen.
POINTS = 60


@dataclass(frozen=True, slots=True)
class Curve:
    """`taken` and `delivered` are running totals of SMS after each of the equal steps of `step_s` from `begun_at`."""

    begun_at: datetime
    step_s: int
    total: int
    taken: tuple[int, ...]
    delivered: tuple[int, ...]

    @property
    def length_s(self) -> int:
        """From the first step to the last, in seconds."""
        return self.step_s * len(self.taken)


def curve(broadcast_id: int) -> Curve | None:
    """The curve of a broadcast; None before the first SMS was taken."""
    row = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    taken = _by_second(_TAKEN, broadcast_id) if row is not None else {}
    if row is None or not taken:
        return None
    delivered = _by_second(_DELIVERED, broadcast_id)
    begun_at = min(row.release_at or row.created_at, min(taken))
    last = max([*taken, *delivered])
    step_s = max(1, -(-int((last - begun_at).total_seconds() + 1) // POINTS))
    return Curve(
        begun_at,
        step_s,
        int(_TOTAL.rows(broadcast=broadcast_id)[0][0]),
        _counted_up(taken, begun_at, last, step_s),
        _counted_up(delivered, begun_at, last, step_s),
    )


def _by_second(parts: Prepared, broadcast_id: int) -> dict[datetime, int]:
    rows = parts.rows(broadcast=broadcast_id)
    return {datetime.fromisoformat(at).replace(tzinfo=UTC): number for at, number in rows}


def _seconds(column: Any, which: Any) -> Any:
    """Counted by the database: an alert to a whole zone has more parts than seconds."""
    # As text: SQLite has no time, and asks Python for each of its parts.
    second = fn.SUBSTR(column.cast("TEXT"), 1, len("2026-11-26 08:00:00")).coerce(False).alias("at_second")
    counted = Part.select(second, fn.COUNT(Part.id)).where(Part.broadcast == given("broadcast"), which)
    return counted.group_by(SQL("at_second"))


_TAKEN = Prepared(_seconds(Part.sent_at, Part.sent_at.is_null(False)))
_DELIVERED = Prepared(_seconds(Part.changed_at, Part.state == PartState.DELIVERED))
_TOTAL = Prepared(Part.select(fn.COUNT(Part.id)).where(Part.broadcast == given("broadcast")))


def _counted_up(counts: dict[datetime, int], begun_at: datetime, last: datetime, step_s: int) -> tuple[int, ...]:
    steps: Counter[int] = Counter()
    for at, number in counts.items():
        steps[max(0, int((at - begun_at).total_seconds())) // step_s] += number
    running, found = 0, []
    for step in range(max(0, int((last - begun_at).total_seconds())) // step_s + 1):
        running += steps[step]
        found.append(running)
    return tuple(found)
