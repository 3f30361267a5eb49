"""Neighbourhoods, in the order of sending; the zone's list of streets, from a file; and outlines on the zone's map."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.people import neighbourhoods as stored
from db.people.geography import StreetCard, put_outlines, put_streets, remove_outlines, street_of
from db.people.members.listing import neighbourhood_names
from db.people.zone import directory
from plp.services.accounts.telling import tell_of_words, tell_others
from plp.services.people.reading import list_in
from plp.services.texts import require_plain
from rules.collation import folded
from rules.geometry import Area, Point, Ring, centre, read_areas, simplified, twice_area
from rules.lists.columns import cells_by_field
from rules.members import LONGEST_PLACE, is_mail_address, one_line, refuse_street
from rules.refusals import FieldRefusal, Refusal, required
from rules.sentences import Sentence

MOST_STREETS = 20_000
# On a map of a whole zone five metres are less than a pixel.
TOLERANCE_DEGREES = 0.00005
MOST_POINTS = 2000
FEWEST_CORNERS = 3
# Twice the area of some ten square metres, in square degrees: less is a line.
SMALLEST = 2e-9
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
    require_plain(values.name, LONGEST_PLACE, "name")
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
            words = f"{by} ajoute des quartiers, par exemple « {values.name} » : voyez ceux du jour sous « Quartiers »."
            # Once a day: a list may have twenty.
            tell_others(f"neighbourhoods:{by}:{now:%Y-%m-%d}", "Nouveaux quartiers", [words], by, now)
        else:
            before = asdict(required(stored.neighbourhood_values(neighbourhood_id), _gone()))
            stored.update_neighbourhood(neighbourhood_id, values)
            if before["name"] != values.name:
                tell_of_words(
                    f"« {before['name']} » s'appelle maintenant « {values.name} »", "Nom de quartier", by, now
                )
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


def merge_neighbourhoods(gone_id: int, into_id: int, by: str, now: datetime) -> int:
    """Move everybody to another neighbourhood and delete this one; returns how many. If cut short, do it again."""
    if gone_id == into_id:
        raise Refusal("Choisissez un autre quartier.")
    _require(gone_id, into_id)
    people = stored.move_people(gone_id, into_id, now)
    with writing("neighbourhoods"):
        _require(gone_id, into_id)
        people += stored.move_all(gone_id, into_id, now)
        stored.remove_neighbourhood(gone_id)
        audit.record(now, by, "neighbourhood_merged", str(into_id), people=people)
    return people


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


def street_typed(text: str) -> StreetCard:
    """The street that a text names. Raises Refusal where the zone has none."""
    return street_of(text) or refuse_street(text)


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
        raise Refusal("Liste trop longue : {most} rues au maximum.", most=MOST_STREETS)
    if refused or not wanted:
        return StreetReport(0, tuple(refused))
    with writing("streets"):
        put_streets([(name, place) for (_folded, place), name in wanted.items()])
        audit.record(now, by, "streets_imported", added=len(wanted))
    return StreetReport(len(wanted), ())


@dataclass(frozen=True, slots=True)
class OutlineReport:
    """Result of an import: `ignored` names in the file."""

    saved: int
    ignored: tuple[str, ...]


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
    with writing("outlines"):
        names = neighbourhood_names()
        saved = {place_id: shape for place_id, shape in drawn.items() if place_id in names}  # one may be gone meanwhile
        put_outlines(saved, by, now)
        audit.record(now, by, "outlines_imported", added=len(saved))
    ignored = tuple(shown for name, (shown, _rings) in named.items() if name not in known)
    return OutlineReport(len(saved), ignored)


def save_outline(neighbourhood_id: int, points: Sequence[Point], by: str, now: datetime) -> None:
    """Give a neighbourhood an outline of these corners (longitude, latitude). Raises Refusal."""
    corners = list(dict.fromkeys(points))
    if not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in corners):
        raise Refusal("Un point n'est pas sur la carte : longitude de -180 à 180, latitude de -90 à 90.")
    if not FEWEST_CORNERS <= len(corners) <= MOST_POINTS or abs(twice_area([*corners, corners[0]])) < SMALLEST:
        raise Refusal("Placez au moins trois points pour entourer le quartier.")
    shape = _drawn([[*corners, corners[0]]])
    with writing("outlines"):
        _require(neighbourhood_id)
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
            "{names}. Utilisez les noms de la page « Quartiers ».",
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
