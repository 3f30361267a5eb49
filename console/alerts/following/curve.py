"""The curve of an alert as SVG, drawn by the server."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.alerts.progress.timeline import curve

WIDTH, HEIGHT = 600, 150


@dataclass(frozen=True, slots=True)
class Drawing:
    """Two lines as points of an SVG of WIDTH by HEIGHT, both from zero, and the labels at the ends of the axes."""

    taken: str
    delivered: str
    total: int
    taken_count: int
    delivered_count: int
    begun_at: datetime
    ended_at: datetime
    width: int = WIDTH
    height: int = HEIGHT


def drawing(broadcast_id: int) -> Drawing | None:
    """The curve of this broadcast; None before its first SMS was taken."""
    found = curve(broadcast_id)
    if found is None:
        return None
    return Drawing(
        taken=_line(found.taken, found.total),
        delivered=_line(found.delivered, found.total),
        total=found.total,
        taken_count=found.taken[-1],
        delivered_count=found.delivered[-1],
        begun_at=found.begun_at,
        ended_at=found.begun_at + timedelta(seconds=found.length_s),
    )


def _line(counts: tuple[int, ...], total: int) -> str:
    across = WIDTH / len(counts)
    points = [(0, HEIGHT)] + [
        (round((step + 1) * across), round(HEIGHT - HEIGHT * number / max(1, total)))
        for step, number in enumerate(counts)
    ]
    return " ".join(f"{x},{y}" for x, y in points)
