"""The zone's list of streets, taken from a file; and streets that somebody typed."""

from dataclasses import dataclass
from datetime import datetime

from db.engine.connection import take_turn, writing
from db.journal import audit
from db.people.members.listing import neighbourhood_names
from db.people.streets import StreetCard, put_streets, street_of
from plp.services.people.list_files import list_in
from rules.collation import folded
from rules.lists.columns import cells_by_field
from rules.members.audience import refuse_street
from rules.members.columns import one_line
from rules.refusals import Refusal
from rules.sentences import Sentence

MOST_STREETS = 20_000


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
        try:
            name, place = _read(cells_by_field(whole.guess, row.cells), places)
        except Refusal as refusal:
            refused.append((row.line, Sentence(refusal.template, refusal.values)))
            continue
        wanted[folded(name), place] = name
    if len(wanted) > MOST_STREETS:
        raise Refusal("La liste a plus de {most} rues : elle est trop longue.", most=MOST_STREETS)
    if refused or not wanted:
        return StreetReport(0, tuple(refused))
    with writing():
        take_turn("streets")
        put_streets([(name, place) for (_folded, place), name in wanted.items()])
        audit.record(now, by, "streets_imported", added=len(wanted))
    return StreetReport(len(wanted), ())


def _read(cells: dict[str, str], places: dict[str, int]) -> tuple[str, int]:
    name, place = one_line(cells.get("street", "")), one_line(cells.get("neighbourhood", ""))
    if not name:
        raise Refusal("Il manque la rue.")
    if folded(place) not in places:
        raise Refusal("Le quartier « {name} » n'existe pas : corrigez-le, ou ajoutez ce quartier.", name=place[:60])
    return name, places[folded(place)]
