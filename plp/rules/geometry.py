"""Distances, areas and simpler lines on a plane that is good enough for a police zone."""

import math
from collections.abc import Sequence
from itertools import pairwise

METRES_PER_DEGREE = 111_320

Point = tuple[float, float]
Ring = list[Point]
# From so many points on, a span that is cut near one end is cut in the middle too.
_LONG = 128


def distance_m(one: Point, other: Point) -> float:
    """Metres between two points on a plane that is good enough for a police zone."""
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


def simplified(rings: Sequence[Ring], tolerance: float, most: int) -> list[Ring]:
    """Ramer-Douglas-Peucker: no dropped point is farther than `tolerance` degrees from the line that is kept. Beyond
    `most` points those that matter least go too, as with the smallest larger tolerance. A ring keeps four points: an
    island is still a place.
    """
    weights = [_weights(ring, tolerance) for ring in rings]
    heaviest = sorted((weight for each in weights for weight in each.values()), reverse=True)
    least = heaviest[most] if len(heaviest) > most else 0.0
    return [_kept(ring, each, least) for ring, each in zip(rings, weights, strict=True)]


def _kept(ring: Ring, weights: dict[int, float], least: float) -> Ring:
    keep = {index for index, weight in weights.items() if weight > least}
    if len(keep) < 4:
        keep |= {0, len(ring) // 3, 2 * len(ring) // 3, len(ring) - 1}
    return [ring[index] for index in sorted(keep)]


def _weights(ring: Ring, tolerance: float) -> dict[int, float]:
    """By index of a point that is kept: the largest tolerance that still keeps it."""
    # A degree of longitude is about 0.64 of one of latitude here.
    shrink = math.cos(math.radians(ring[0][1]))
    flat = [(x * shrink, y) for x, y in ring]
    last = len(ring) - 1
    weights = {0: math.inf, last: math.inf}
    spans = [(0, last, math.inf)]
    while spans:
        start, end, limit = spans.pop()
        farthest, distance = _farthest(flat, start, end)
        if distance <= tolerance:
            continue
        weight = min(distance, limit)
        cuts = {farthest}
        if end - start > _LONG and abs(2 * farthest - start - end) > (end - start) / 2:
            # A ring of spikes would be cut off point by point, each time after a look at all the others.
            cuts.add((start + end) // 2)
        weights.update(dict.fromkeys(cuts, weight))
        spans += [(one, other, weight) for one, other in pairwise(sorted({start, end} | cuts))]
    return weights


def _farthest(points: Sequence[Point], start: int, end: int) -> tuple[int, float]:
    """The point between two that is the farthest from the stretch between them, and its distance."""
    (x0, y0), (x1, y1) = points[start], points[end]
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    farthest, most = start, 0.0
    for index in range(start + 1, end):
        px, py = points[index][0] - x0, points[index][1] - y0
        if length:
            along = (px * dx + py * dy) / length
            along = 0.0 if along < 0 else 1.0 if along > 1 else along
            px, py = px - along * dx, py - along * dy
        off = px * px + py * py
        if off > most:
            farthest, most = index, off
    return farthest, math.sqrt(most)


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
