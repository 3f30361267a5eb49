"""The zone's map as SVG, drawn by the server: no tiles, nothing from outside."""

import math
from collections.abc import Sequence
from typing import Any

from db.journal.reading import until_journaled
from db.people.geography import OutlineCard, outlines
from rules.geometry import Ring

WIDTH = 1000
MARGIN = 12
TALLEST = 1400


@until_journaled  # of two hundred neighbourhoods it takes ten milliseconds
def zone_map() -> dict[str, Any] | None:
    """The map of the zone; None until outlines were imported."""
    return drawn(outlines())


def drawn(cards: Sequence[OutlineCard], around: float = 0.0) -> dict[str, Any] | None:
    """Equirectangular, shrunk by the cosine of the middle latitude, so that a square on the ground is one here.

    `around` is the room on all sides, as a share of the zone. `shapes` are (id of the neighbourhood, name, path in
    the map's units, filled by the even-odd rule, x and y of the name). `scale` of the map's units are a degree of
    latitude, `shrink` times as many one of longitude; `west` and `north` are degrees, MARGIN units from the edges.
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

    return {
        "width": round(wide * scale) + 2 * MARGIN,
        "height": round(high * scale) + 2 * MARGIN,
        "shapes": [
            (card.neighbourhood_id, card.name, path(card.rings), *place(card.longitude, card.latitude))
            for card in cards
        ],
        "west": west,
        "north": north,
        "scale": scale,
        "shrink": shrink,
        "margin": MARGIN,
    }
