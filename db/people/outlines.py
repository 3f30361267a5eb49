"""Outlines of the neighbourhoods, their distances, and the nearest."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from db.engine.base import put, tuples
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.models.people import Neighbourhood
from db.models.policy import Outline
from rules.collation import folded
from rules.geojson import Area, read_areas
from rules.geometry import Point, Ring, centre, distance_m, simplified, twice_area
from rules.refusals import Refusal

# On a map of a whole zone five metres are less than a pixel.
TOLERANCE_DEGREES = 0.00005
MOST_POINTS = 2000
FEWEST_CORNERS = 3
# Twice the area of some ten square metres, in square degrees: less is a line.
SMALLEST = 2e-9
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class OutlineCard:
    """A neighbourhood on the map. Rings of (longitude, latitude) in degrees; the last two are its centre."""

    neighbourhood_id: int
    name: str
    rings: list[Ring]
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class OutlineReport:
    """Result of an import: `ignored` names in the file, and neighbourhoods without an outline (`missing`)."""

    saved: int
    ignored: tuple[str, ...]
    missing: tuple[str, ...]


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
    there = dict(centres)
    return {place: _by_distance(list(there), place, there)[1 : most + 1] for place in there}


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


def import_outlines(content: bytes, property_name: str, by: str, now: datetime) -> OutlineReport:
    """Take the outlines of a GeoJSON file, named by `property_name` (empty: the best). Raises Refusal."""
    areas = read_areas(content)
    known = {folded(row.name): row.id for row in Neighbourhood.select()}
    named = _named(areas, property_name or _best_property(areas, known))
    # Drawn outside the transaction: of 50,000 points that takes a second.
    drawn = {known[name]: _drawn(rings) for name, (_shown, rings) in named.items() if name in known}
    if not drawn:
        raise Refusal(
            "Aucune limite ne porte le nom d'un quartier. Dans le fichier : {names}.",
            names=", ".join(shown for shown, _rings in list(named.values())[:10]),
        )
    with writing():
        take_turn("outlines")
        places = [(row.id, row.name) for row in Neighbourhood.select().order_by(Neighbourhood.position)]
        there = [place for place, _name in places if place in drawn]  # one may have been deleted meanwhile
        Outline.delete().where(Outline.neighbourhood.in_(there)).execute()
        for place in there:
            Outline.create(neighbourhood=place, **drawn[place], imported_by=by, imported_at=now)
        audit.record(now, by, "outlines_imported", added=len(there))
        have = {row.neighbourhood_id for row in Outline.select(Outline.neighbourhood)}
    ignored = tuple(shown for name, (shown, _rings) in named.items() if name not in known)
    return OutlineReport(len(there), ignored, tuple(name for place, name in places if place not in have))


def save_outline(neighbourhood_id: int, points: Sequence[Point], by: str, now: datetime) -> None:
    """Give a neighbourhood an outline of these corners (longitude, latitude). Raises Refusal."""
    corners = list(dict.fromkeys(points))
    if not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in corners):
        raise Refusal("Un point n'est pas sur la carte : longitude de -180 à 180, latitude de -90 à 90.")
    if (
        len(corners) < FEWEST_CORNERS
        or len(corners) > MOST_POINTS
        or abs(twice_area([*corners, corners[0]])) < SMALLEST
    ):
        raise Refusal("Les limites ont besoin d'au moins trois points qui entourent une surface.")
    shape = _drawn([[*corners, corners[0]]])
    with writing():
        take_turn("outlines")
        place = Neighbourhood.get_or_none(Neighbourhood.id == neighbourhood_id)
        if place is None:
            raise Refusal("Ce quartier n'existe plus.")
        put(Outline, {"neighbourhood": neighbourhood_id}, **shape, imported_by=by, imported_at=now)
        audit.record(now, by, "outline_drawn", str(neighbourhood_id))


def delete_outlines(by: str, now: datetime) -> None:
    """Forget the map; the neighbourhoods stay."""
    with writing():
        if Outline.delete().execute():
            audit.record(now, by, "outlines_deleted")


def _drawn(rings: list[Ring]) -> dict[str, object]:
    """The columns of an outline of these rings, with no more points than a map needs."""
    kept = simplified(rings, TOLERANCE_DEGREES, MOST_POINTS)
    longitude, latitude = centre(max(kept, key=lambda ring: abs(twice_area(ring))))
    shape = json.dumps([[[round(x, _DIGITS), round(y, _DIGITS)] for x, y in ring] for ring in kept])
    return {"shape": shape, "longitude": longitude, "latitude": latitude}


def _best_property(areas: Iterable[Area], known: dict[str, int]) -> str:
    """The property whose values name the most neighbourhoods. Raises Refusal when none names any."""
    fitting: dict[str, int] = {}
    for area in areas:
        for name, value in area.properties.items():
            fitting[name] = fitting.get(name, 0) + (folded(value) in known)
    best = max(fitting, key=lambda name: fitting[name], default="")
    if not fitting.get(best):
        raise Refusal(
            "Aucune propriété des limites ne porte le nom d'un quartier. Propriétés du fichier : "
            "{names}. Utilisez les noms de la page Quartiers.",
            names=", ".join(sorted(fitting)[:10]) or "aucune",
        )
    return best


def _named(areas: Iterable[Area], property_name: str) -> dict[str, tuple[str, list[Ring]]]:
    """By folded name: the name as written and all its rings. Several areas of one name are one place."""
    found: dict[str, tuple[str, list[Ring]]] = {}
    for area in areas:
        value = area.properties.get(property_name, "")
        if not value:
            raise Refusal(
                "Contour {number} : il n'a pas de propriété « {name} ». Les siennes : {names}.",
                number=area.number,
                name=property_name[:60],
                names=", ".join(sorted(area.properties)[:10]) or "aucune",
            )
        shown, rings = found.get(folded(value), (value[:60], []))
        found[folded(value)] = (shown, rings + area.rings)
    return found
