"""Distances, areas and simpler lines, good enough for a police zone; GeoJSON (RFC 7946) read into named areas."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import accumulate, chain, pairwise
from typing import Any

from rules.refusals import Refusal

METRES_PER_DEGREE = 111_320
Point = tuple[float, float]
Ring = list[Point]
MAXIMUM_BYTES = 5 * 1024 * 1024
MAXIMUM_POINTS = 50_000
# Belgium with its borders, in degrees: what lies outside was exported in another system, or with its axes swapped.
WEST, EAST, SOUTH, NORTH = 2.3, 6.6, 49.3, 51.7
_KNOWN_SYSTEMS = ("crs84", "4326", "wgs84")


def distance_m(one: Point, other: Point) -> float:
    """Metres between two points on a plane that is good enough for a police zone."""
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


def simplified(rings: Sequence[Ring], tolerance: float, most: int) -> list[Ring]:
    """Visvalingam-Whyatt: the point nearest to the line between its neighbours goes first, while that is nearer than
    `tolerance` degrees or there are more than `most` points. A ring keeps four, so that an island remains.
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


@dataclass(frozen=True, slots=True)
class Area:
    """One feature: its properties as texts, and its closed rings of (longitude, latitude) in degrees."""

    number: int
    properties: dict[str, str]
    rings: list[Ring]


def read_areas(content: bytes) -> list[Area]:
    """The areas of a FeatureCollection. Raises Refusal with the feature's number and what to do."""
    if len(content) > MAXIMUM_BYTES:
        raise Refusal("Le fichier dépasse 5 Mo : simplifiez les limites avant de l'exporter.")
    # Each is an object in memory before anything can be counted; a point is one bracket.
    if content.count(b"[") + content.count(b"{") > 2 * MAXIMUM_POINTS:
        raise _too_many_points()
    document = _parsed(content)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise Refusal("Ce fichier n'est pas une FeatureCollection GeoJSON : exportez-le à nouveau au format GeoJSON.")
    # RFC 7946 knows only WGS 84; older programs name another system in `crs`.
    system = json.dumps(document.get("crs")).casefold().replace(" ", "").replace(":", "")
    if system != "null" and not any(known in system for known in _KNOWN_SYSTEMS):
        raise Refusal("Le fichier est dans un autre système de coordonnées : exportez-le en WGS 84 (EPSG:4326).")
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise Refusal("Le fichier ne contient aucune limite.")
    areas = [_area(number, feature) for number, feature in enumerate(features, 1)]
    if sum(len(ring) for area in areas for ring in area.rings) > MAXIMUM_POINTS:
        raise _too_many_points()
    return areas


def _too_many_points() -> Refusal:
    return Refusal("Les limites comptent plus de {most} points : simplifiez-les.", most=MAXIMUM_POINTS)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refusal("Le fichier n'est pas en UTF-8 : exportez-le à nouveau au format GeoJSON.") from None
    except json.JSONDecodeError as error:
        raise Refusal("Ligne {line} : ce n'est pas du GeoJSON lisible.", line=error.lineno) from None
    except (RecursionError, ValueError):  # a number of five thousand digits is none
        raise Refusal("Ce n'est pas du GeoJSON lisible.") from None


def _area(number: int, feature: Any) -> Area:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise Refusal("Limite n° {number} : ce n'est pas une surface (Polygon ou MultiPolygon).", number=number)
    coordinates, properties = geometry.get("coordinates"), feature.get("properties")
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    texts = {
        str(name): str(value).strip()
        for name, value in (properties.items() if isinstance(properties, dict) else ())
        if isinstance(value, str | int) and not isinstance(value, bool)
    }
    return Area(number, texts, _rings(number, polygons))


def _rings(number: int, polygons: Any) -> list[Ring]:
    try:
        rings = [[(0.0 + x, 0.0 + y) for x, y, *_height in ring] for polygon in polygons for ring in polygon]
    except (TypeError, ValueError, OverflowError):
        rings = []
    if not rings or not all(rings) or not all(map(math.isfinite, chain(*chain(*rings)))):
        raise Refusal(
            "Limite n° {number} : coordonnées absentes, mal ordonnées ou qui ne sont pas des nombres.", number=number
        )
    if not all(WEST <= x <= EAST and SOUTH <= y <= NORTH for x, y in chain(*rings)):
        raise Refusal(
            "Limite n° {number} : hors de Belgique. Exportez en WGS 84 (EPSG:4326), pas en mètres "
            "(Lambert), la longitude d'abord.",
            number=number,
        )
    closed = [ring if ring[0] == ring[-1] else [*ring, ring[0]] for ring in rings]
    if min(map(len, closed)) < 4:
        raise Refusal("Limite n° {number} : au moins trois points sont nécessaires.", number=number)
    return closed
