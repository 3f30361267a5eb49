"""Distances, areas and simpler lines on a plane that is good enough for a police zone."""

import math
from itertools import pairwise

METRES_PER_DEGREE = 111_320

Point = tuple[float, float]
Ring = list[Point]


def distance_m(one: Point, other: Point) -> float:
    """Metres between two points on a plane that is good enough for a police zone."""
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


def simplified(ring: Ring, tolerance: float) -> Ring:
    """Ramer-Douglas-Peucker: no dropped point is farther than `tolerance` degrees from the line that is kept.

    A ring that this would flatten keeps four of its points: an island is still a place.
    """
    keep = {0, len(ring) - 1}
    spans = [(0, len(ring) - 1)]
    while spans:
        first, last = spans.pop()
        farthest, distance = first, tolerance
        for index in range(first + 1, last):
            off = _off_line(ring[index], ring[first], ring[last])
            if off > distance:
                farthest, distance = index, off
        if farthest != first:
            keep.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    if len(keep) < 4:
        keep |= {len(ring) // 3, 2 * len(ring) // 3}
    return [ring[index] for index in sorted(keep)]


def _off_line(point: Point, start: Point, end: Point) -> float:
    """How far a point is from a stretch, in degrees of latitude: a degree of longitude is about 0.64 of one here."""
    shrink = math.cos(math.radians(start[1]))
    px, py = (point[0] - start[0]) * shrink, point[1] - start[1]
    dx, dy = (end[0] - start[0]) * shrink, end[1] - start[1]
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, (px * dx + py * dy) / length)) if length else 0.0
    return math.hypot(px - along * dx, py - along * dy)


def twice_area(ring: Ring) -> float:
    """Twice the area of a closed ring in square degrees, negative when it runs clockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def centre(ring: Ring) -> Point:
    """The centroid; of a ring without an area the mean of its points."""
    x0, y0 = ring[0]
    moved = [(x - x0, y - y0) for x, y in ring]  # near zero: a small area far from the origin loses its digits
    area = twice_area(moved)
    if abs(area) < 1e-14:
        return sum(x for x, _y in ring) / len(ring), sum(y for _x, y in ring) / len(ring)
    pairs = [(one, two, one[0] * two[1] - two[0] * one[1]) for one, two in pairwise(moved)]
    x = sum((one[0] + two[0]) * cross for one, two, cross in pairs) / (3 * area)
    y = sum((one[1] + two[1]) * cross for one, two, cross in pairs) / (3 * area)
    return x0 + x, y0 + y
