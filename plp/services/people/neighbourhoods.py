"""Neighbourhoods, in the order of sending; the zone's list of streets, from a file; and outlines on the zone's map."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.people import neighbourhoods as stored
from db.people.geography import put_outlines, put_streets, remove_outlines
from db.people.members.listing import neighbourhood_names
from db.people.zone import directory
from plp.services.people.reading import list_in
from rules.collation import folded
from rules.geometry import Area, Ring, centre, read_areas, simplified, twice_area
from rules.lists.columns import cells_by_field
from rules.members import is_mail_address, one_line
from rules.refusals import FieldRefusal, Refusal, required
from rules.sentences import Sentence

MOST_STREETS = 20_000
# On a map of a whole zone five metres are less than a pixel.
TOLERANCE_DEGREES = 0.00005
MOST_POINTS = 2000
_DIGITS = 6


def save_neighbourhood(
    neighbourhood_id: int | None,
    name: str,
    reference_address: str,
    by: str,
    now: datetime,
    station: int | None = None,
    officer: int | None = None,
) -> int:
    """Add or change a neighbourhood; returns its id. `station` and `officer`: of the directory. Raises FieldRefusal."""
    values = stored.NeighbourhoodValues(one_line(name), reference_address.strip(), station, officer)
    if not values.name:
        raise FieldRefusal("name", "Donnez un nom au quartier.")
    if (address := values.reference_address) and not is_mail_address(address):
        raise FieldRefusal("reference_address", "« {address} » n'est pas une adresse e-mail.", address=address[:60])
    with writing():
        known = {entry.id for entry in directory()} | {None}
        for field, entry in (("station", station), ("officer", officer)):
            if entry not in known:
                raise FieldRefusal(field, "Ce numéro utile n'existe plus. Choisissez-en un autre.")
        if stored.neighbourhood_named(values.name) not in (None, neighbourhood_id):
            raise FieldRefusal("name", "Le quartier « {name} » existe déjà.", name=values.name)
        before: dict[str, object] = {}
        if neighbourhood_id is None:
            neighbourhood_id = stored.add_neighbourhood(values)
        else:
            before = asdict(required(stored.neighbourhood_values(neighbourhood_id), _gone()))
            stored.update_neighbourhood(neighbourhood_id, values)
        changed = audit.changes(before, asdict(values), ("name",))
        audit.record(now, by, "neighbourhood_saved", str(neighbourhood_id), changed=changed)
    return neighbourhood_id


def delete_neighbourhood(neighbourhood_id: int, by: str, now: datetime) -> None:
    """Remove a neighbourhood that nobody lives in. Raises Refusal."""
    with writing():
        if people := stored.people_in(neighbourhood_id):
            raise Refusal("Membres encore dans ce quartier : {people}. Changez-les d'abord de quartier.", people=people)
        stored.remove_neighbourhood(neighbourhood_id)
        audit.record(now, by, "neighbourhood_deleted", str(neighbourhood_id))


def move_neighbourhood(neighbourhood_id: int, down: bool, by: str, now: datetime) -> None:
    """One place up or down in the order of sending; at the end of the list nothing changes. Raises Refusal."""
    with writing("neighbourhoods"):
        _require(neighbourhood_id)
        places = stored.ordered_ids()
        at = places.index(neighbourhood_id)
        to = at + 1 if down else at - 1
        if 0 <= to < len(places):
            places[at], places[to] = places[to], places[at]
            stored.put_in_order(places)
            audit.record(now, by, "neighbourhood_moved", str(neighbourhood_id))


def _require(*place_ids: int) -> None:
    if not set(place_ids) <= set(stored.ordered_ids()):
        raise _gone()


def _gone() -> Refusal:
    return Refusal("Ce quartier n'existe plus.")


@dataclass(frozen=True, slots=True)
class StreetReport:
    """`saved` streets of a file, and by line why a row was not taken. Nothing is saved where a row is refused."""

    saved: int
    refused: tuple[tuple[int, Sentence], ...]


def import_streets(content: bytes, file_name: str, by: str, now: datetime) -> StreetReport:
    """Take the place of the zone's list, when every row can be taken. Raises Refusal for what is no list at all."""
    whole = list_in(content, file_name)
    if not {"street", "neighbourhood"} <= set(whole.guess):
        raise Refusal("La première ligne doit nommer les colonnes : rue;quartier.")
    places = {folded(name): place_id for place_id, name in neighbourhood_names().items()}
    wanted: dict[tuple[str, int], str] = {}
    refused: list[tuple[int, Sentence]] = []
    for row in whole.rows:
        cells = cells_by_field(whole.guess, row.cells)
        name, place = one_line(cells.get("street", "")), one_line(cells.get("neighbourhood", ""))
        if not name:
            refused.append((row.line, Sentence("Il manque la rue.")))
        elif folded(place) not in places:
            unknown = {"name": place[:60]}
            sentence = Sentence("Le quartier « {name} » n'existe pas : corrigez-le, ou ajoutez ce quartier.", unknown)
            refused.append((row.line, sentence))
        else:
            wanted[folded(name), places[folded(place)]] = name
    if len(wanted) > MOST_STREETS:
        raise Refusal("La liste a plus de {most} rues : elle est trop longue.", most=MOST_STREETS)
    if refused or not wanted:
        return StreetReport(0, tuple(refused))
    with writing("streets"):
        put_streets([(name, place) for (_folded, place), name in wanted.items()])
        audit.record(now, by, "streets_imported", added=len(wanted))
    return StreetReport(len(wanted), ())


def import_outlines(content: bytes, by: str, now: datetime) -> tuple[int, list[str]]:
    """Take the outlines of a GeoJSON file, named by the property that fits the most neighbourhoods; how many, and the
    names that are no neighbourhood's. Raises Refusal.
    """
    areas = read_areas(content)
    known = {folded(name): place_id for place_id, name in neighbourhood_names().items()}
    named = _named(areas, _best_property(areas, known))
    # Drawn outside the transaction: of 50,000 points that takes a second.
    drawn = {known[name]: outline_of(rings) for name, (_shown, rings) in named.items() if name in known}
    with writing("outlines"):
        left = neighbourhood_names()  # one may be gone meanwhile
        saved = {place_id: shape for place_id, shape in drawn.items() if place_id in left}
        put_outlines(saved, by, now)
        audit.record(now, by, "outlines_imported", added=len(saved))
    return len(saved), [shown for name, (shown, _rings) in named.items() if name not in known]


def delete_outlines(by: str, now: datetime) -> None:
    """Delete the map; the neighbourhoods are kept."""
    with writing():
        if remove_outlines():
            audit.record(now, by, "outlines_deleted")


def outline_of(rings: list[Ring]) -> dict[str, object]:
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
        if value := area.properties.get(property_name, ""):
            shown, rings = by_name.get(folded(value), (value[:60], []))
            by_name[folded(value)] = (shown, rings + area.rings)
    return by_name
