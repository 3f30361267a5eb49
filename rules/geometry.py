"""Distances, areas and simpler lines on a plane that is good enough for a police zone."""

import math
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from itertools import accumulate, chain, pairwise

METRES_PER_DEGREE = 111_320

Point = tuple[float, float]
Ring = list[Point]


def distance_m(one: Point, other: Point) -> float:
    """Metres between two points on a plane that is good enough for a police zone."""
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


def simplified(rings: Sequence[Ring], tolerance: float, most: int) -> list[Ring]:
    """Visvalingam-Whyatt: the point nearest to the line between its neighbours is removed first, as long as that
    distance is less than `tolerance` degrees or the rings have more than `most` points. A ring keeps four, so that an
    island remains.
    """
    points = list(chain(*rings))
    bounds = list(pairwise(accumulate(map(len, rings), initial=0)))
    ring_of = [number for number, ring in enumerate(rings) for _ in ring]
    sizes, gone = [len(ring) for ring in rings], set[int]()
    before, after = [at - 1 for at in range(len(points))], [at + 1 for at in range(len(points))]

    def weighed(at: int) -> tuple[float, int, int, int]:
        return _off(points[at], points[before[at]], points[after[at]]), at, before[at], after[at]

    waiting = [weighed(at) for start, end in bounds for at in range(start + 1, end - 1)]
    heapify(waiting)
    while waiting and (waiting[0][0] <= tolerance or len(points) - len(gone) > most):
        _weight, at, one, other = heappop(waiting)
        if (one, other) != (before[at], after[at]) or sizes[ring_of[at]] <= 4:  # it has a newer weight, or stays
            continue
        gone.add(at)
        sizes[ring_of[at]] -= 1
        after[one], before[other] = other, one
        start, end = bounds[ring_of[at]]
        for neighbour in {one, other} - {start, end - 1}:
            heappush(waiting, weighed(neighbour))
    return [[points[at] for at in range(start, end) if at not in gone] for start, end in bounds]


def _off(point: Point, one: Point, other: Point) -> float:
    """Degrees from a point to the stretch between two others."""
    # A degree of longitude is about 0.64 of one of latitude here.
    shrink = math.cos(math.radians(point[1]))
    (x, y), (dx, dy) = (((end[0] - one[0]) * shrink, end[1] - one[1]) for end in (point, other))
    length = dx * dx + dy * dy
    along = min(max((x * dx + y * dy) / length, 0.0), 1.0) if length else 0.0
    return math.hypot(x - along * dx, y - along * dy)


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
