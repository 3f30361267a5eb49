"""Outlines of the neighbourhoods, their distances, and the nearest."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from db.engine.base import put, tuples
from db.models.people import Neighbourhood
from db.models.policy import Outline
from rules.geometry import Point, Ring, distance_m


@dataclass(frozen=True, slots=True)
class OutlineCard:
    """A neighbourhood on the map. Rings of (longitude, latitude) in degrees; the last two are its centre."""

    neighbourhood_id: int
    name: str
    rings: list[Ring]
    longitude: float
    latitude: float


def outlines() -> list[OutlineCard]:
    """Every outline, in the order of the neighbourhoods."""
    rows = Outline.select(Outline, Neighbourhood).join(Neighbourhood)
    return [
        OutlineCard(
            row.neighbourhood_id,
            row.neighbourhood.name,
            [[(point[0], point[1]) for point in ring] for ring in json.loads(row.shape)],
            row.longitude,
            row.latitude,
        )
        for row in rows.order_by(Neighbourhood.position, Neighbourhood.name)
    ]


def nearest_first(places: Sequence[int], origin: int) -> list[int]:
    """Neighbourhoods by id, by the distance of their centres from `origin`; those without an outline come last."""
    return _by_distance(places, origin, _centres())


def neighbours(most: int) -> dict[int, list[int]]:
    """By id of a neighbourhood with an outline, at most so many of the nearest others."""
    return _neighbours(tuple(_centres().items()), most)


@lru_cache(maxsize=2)  # of two hundred it takes a tenth of a second, and outlines seldom change
def _neighbours(centres: tuple[tuple[int, Point], ...], most: int) -> dict[int, list[int]]:
    by_id = dict(centres)
    return {place: _by_distance(list(by_id), place, by_id)[1 : most + 1] for place in by_id}


def _centres() -> dict[int, Point]:
    rows = tuples(Outline.select(Outline.neighbourhood, Outline.longitude, Outline.latitude))
    return {place: (longitude, latitude) for place, longitude, latitude in rows}


def _by_distance(places: Sequence[int], origin: int, centres: Mapping[int, Point]) -> list[int]:
    start = centres.get(origin)

    def far(place: int) -> float:
        if place == origin:
            return -1.0
        return distance_m(start, centres[place]) if start and place in centres else math.inf

    return sorted(places, key=far)


def put_outlines(shapes: Mapping[int, Mapping[str, object]], by: str, now: datetime) -> None:
    """Give neighbourhoods, by id, outlines of these columns. Inside the caller's transaction."""
    for place_id, shape in shapes.items():
        put(Outline, {"neighbourhood": place_id}, **shape, imported_by=by, imported_at=now)


def outlined() -> set[int]:
    """The neighbourhoods with an outline, by id."""
    return {place_id for (place_id,) in tuples(Outline.select(Outline.neighbourhood))}


def remove_outlines() -> bool:
    """Delete them all; True when some were. Inside the caller's transaction."""
    return bool(Outline.delete().execute())
