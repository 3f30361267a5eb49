"""The zone's map as SVG, drawn by the server: no tiles, nothing from outside."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from db.journal.unchanged import until_journaled
from db.people.outlines import OutlineCard, outlines
from plp.rules.geometry import Ring

WIDTH = 1000
MARGIN = 12
TALLEST = 1400


@dataclass(frozen=True, slots=True)
class Shape:
    """One neighbourhood: its path in the map's units, filled by the even-odd rule, and where its name stands."""

    neighbourhood_id: int
    name: str
    path: str
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class ZoneMap:
    """`width` and `height` are the map's own units: `scale` of them are a degree of latitude, `shrink` times as many
    one of longitude. `west` and `north` are degrees, MARGIN units from the edges.
    """

    width: int
    height: int
    shapes: tuple[Shape, ...]
    west: float
    north: float
    scale: float
    shrink: float
    margin: int = MARGIN


@until_journaled  # of two hundred neighbourhoods it takes ten milliseconds
def zone_map() -> ZoneMap | None:
    """The map of the zone; None until outlines were imported."""
    return drawn(outlines())


def drawn(cards: Sequence[OutlineCard], around: float = 0.0) -> ZoneMap | None:
    """Equirectangular, shrunk by the cosine of the middle latitude, so that a square on the ground is one here.

    `around` is the room on each side, as a share of the zone.
    """
    if not cards:
        return None
    points = [point for card in cards for ring in card.rings for point in ring]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    aside, above = (east - west) * around, (north - south) * around
    west, east, south, north = west - aside, east + aside, south - above, north + above
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / high)

    def place(x: float, y: float) -> tuple[int, int]:
        return round(MARGIN + (x - west) * shrink * scale), round(MARGIN + (north - y) * scale)

    def path(rings: Sequence[Ring]) -> str:
        return "".join("M" + "L".join("{},{}".format(*place(x, y)) for x, y in ring[:-1]) + "Z" for ring in rings)

    return ZoneMap(
        round(wide * scale) + 2 * MARGIN,
        round(high * scale) + 2 * MARGIN,
        tuple(
            Shape(card.neighbourhood_id, card.name, path(card.rings), *place(card.longitude, card.latitude))
            for card in cards
        ),
        west,
        north,
        scale,
        shrink,
    )
