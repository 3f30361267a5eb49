"""Outlines of the neighbourhoods: imported from a file, drawn on the zone's map, or deleted."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from db.engine.connection import take_turn, writing
from db.journal import audit
from db.people.members.listing import neighbourhood_names
from db.people.neighbourhoods import ordered_ids
from db.people.outlines import outlined, put_outlines, remove_outlines
from rules.collation import folded
from rules.geojson import Area, read_areas
from rules.geometry import Point, Ring, centre, simplified, twice_area
from rules.refusals import Refusal

# On a map of a whole zone five metres are less than a pixel.
TOLERANCE_DEGREES = 0.00005
MOST_POINTS = 2000
FEWEST_CORNERS = 3
# Twice the area of some ten square metres, in square degrees: less is a line.
SMALLEST = 2e-9
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class OutlineReport:
    """Result of an import: `ignored` names in the file, and neighbourhoods without an outline (`missing`)."""

    saved: int
    ignored: tuple[str, ...]
    missing: tuple[str, ...]


def import_outlines(content: bytes, property_name: str, by: str, now: datetime) -> OutlineReport:
    """Take the outlines of a GeoJSON file, named by `property_name` (empty: the best). Raises Refusal."""
    areas = read_areas(content)
    known = {folded(name): place_id for place_id, name in neighbourhood_names().items()}
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
        names = neighbourhood_names()
        saved = {place_id: shape for place_id, shape in drawn.items() if place_id in names}  # one may be gone meanwhile
        put_outlines(saved, by, now)
        audit.record(now, by, "outlines_imported", added=len(saved))
        have = outlined()
        missing = [names[place_id] for place_id in ordered_ids() if place_id not in have]
    ignored = tuple(shown for name, (shown, _rings) in named.items() if name not in known)
    return OutlineReport(len(saved), ignored, tuple(missing))


def save_outline(neighbourhood_id: int, points: Sequence[Point], by: str, now: datetime) -> None:
    """Give a neighbourhood an outline of these corners (longitude, latitude). Raises Refusal."""
    corners = list(dict.fromkeys(points))
    if not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in corners):
        raise Refusal("Un point n'est pas sur la carte : longitude de -180 à 180, latitude de -90 à 90.")
    if not FEWEST_CORNERS <= len(corners) <= MOST_POINTS or abs(twice_area([*corners, corners[0]])) < SMALLEST:
        raise Refusal("Placez au moins trois points pour entourer le quartier.")
    shape = _drawn([[*corners, corners[0]]])
    with writing():
        take_turn("outlines")
        if neighbourhood_id not in neighbourhood_names():
            raise Refusal("Ce quartier n'existe plus.")
        put_outlines({neighbourhood_id: shape}, by, now)
        audit.record(now, by, "outline_drawn", str(neighbourhood_id))


def delete_outlines(by: str, now: datetime) -> None:
    """Delete the map; the neighbourhoods are kept."""
    with writing():
        if remove_outlines():
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
    by_name: dict[str, tuple[str, list[Ring]]] = {}
    for area in areas:
        value = area.properties.get(property_name, "")
        if not value:
            raise Refusal(
                "Limite n° {number} : propriété « {name} » absente. Propriétés présentes : {names}.",
                number=area.number,
                name=property_name[:60],
                names=", ".join(sorted(area.properties)[:10]) or "aucune",
            )
        shown, rings = by_name.get(folded(value), (value[:60], []))
        by_name[folded(value)] = (shown, rings + area.rings)
    return by_name
