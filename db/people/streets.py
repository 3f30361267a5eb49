"""The zone's streets: its list of which street lies in which neighbourhood, and the people who live in one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import fn

from db.engine.base import tuples
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.journal.reading import until_journaled
from db.models.people import Member, Neighbourhood, Street
from db.people.members.listing import reachable_members
from db.people.members.saving import one_line
from rules.collation import folded, sought
from rules.lists.columns import cells_by_field
from rules.lists.roster import roster
from rules.refusals import Refusal
from rules.sentences import Sentence

MOST_STREETS = 20_000


@dataclass(frozen=True, slots=True, order=True)
class StreetCard:
    """A street; with `neighbourhood` only the stretch that lies there, since villages of a zone share names."""

    name: str
    neighbourhood: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.neighbourhood})" if self.neighbourhood else self.name


@dataclass(frozen=True, slots=True)
class StreetReport:
    """`saved` streets of a file, and by line why a row was not taken. Nothing is saved where a row is refused."""

    saved: int
    refused: tuple[tuple[int, Sentence], ...]


@until_journaled
def streets() -> list[StreetCard]:
    """The zone's list, by name."""
    rows = Street.select(Street.name, Neighbourhood.name).join(Neighbourhood)
    return sorted({StreetCard(*row) for row in tuples(rows)}, key=lambda card: (folded(card.name), card.neighbourhood))


def street_neighbourhoods(name: str) -> list[int]:
    """Ids of the neighbourhoods in which the list has this street; several where it is long or its name common."""
    rows = tuples(Street.select(Street.neighbourhood).where(Street.folded == folded(name)))
    return sorted({int(place) for (place,) in rows})


def found_streets(typed: str, most: int) -> list[StreetCard]:
    """Streets whose name has these words, those of the list and those where members live; exact names come first."""
    words, wanted, known = sought(typed).split(), folded(typed), _known()
    found = [key for key in known if words and all(word in sought(key[0]) for word in words)]
    return [known[key] for key in sorted(found, key=lambda key: (key[0] != wanted, key))[:most]]


@until_journaled
def _known() -> dict[tuple[str, str], StreetCard]:
    """By folded name and neighbourhood: the streets of the list, and those where members live."""
    lived = Member.select(Member.street, Neighbourhood.name).join(Neighbourhood).where(Member.street != "").distinct()
    return {
        (folded(card.name), card.neighbourhood): card
        for card in (*(StreetCard(*row) for row in tuples(lived)), *streets())
    }


def street_of(text: str) -> StreetCard:
    """The street that a text names: « Rue de Namur », or « Rue de Namur (Limal) » for a neighbourhood's stretch of it.
    Raises Refusal where the zone has none.
    """
    name, _bracket, place = one_line(text).partition(" (")
    places: dict[str, str] = {folded(row.name): row.name for row in Neighbourhood.select()}
    where = places.get(folded(place.removesuffix(")")), "") if place else ""
    card = StreetCard(name if where or not place else one_line(text), where)
    if not street_neighbourhoods(card.name) and not _spellings([card]):
        raise Refusal(
            "Rue inconnue : {name}. Aucun membre n'y habite et la liste des rues ne la contient pas.", name=text[:100]
        )
    return card


def lives_in(cards: Collection[StreetCard]) -> Any:
    """Condition on members: in one of these streets, however it is written; None for no street."""
    if not cards:
        return None
    by_name, places = _spellings(cards), dict(tuples(Neighbourhood.select(Neighbourhood.name, Neighbourhood.id)))
    return reduce(or_, (_lives_in(card, by_name.get(folded(card.name), []), places) for card in cards))


def place_of(card: StreetCard) -> int | None:
    """The id of the neighbourhood that it names."""
    row = Neighbourhood.get_or_none(Neighbourhood.name == card.neighbourhood)
    return None if row is None else int(row.id)


def _lives_in(card: StreetCard, spellings: list[str], places: dict[str, int]) -> Any:
    there = Member.street.in_(spellings)
    return there & (Member.neighbourhood == places.get(card.neighbourhood, 0)) if card.neighbourhood else there


@until_journaled
def people_in_street(card: StreetCard) -> int:
    """Number of distinct phones that an alert to this street alone would reach."""
    found = reachable_members().select(fn.COUNT(fn.DISTINCT(Member.mobile))).where(lives_in([card]))
    return int(found.scalar())


@until_journaled
def without_street(neighbourhood: str) -> int:
    """Number of people of a neighbourhood whose street is not known."""
    rows = Member.select().join(Neighbourhood).where(Neighbourhood.name == neighbourhood, Member.street == "")
    return int(rows.count())


def import_streets(content: bytes, file_name: str, by: str, now: datetime) -> StreetReport:
    """Take the place of the zone's list, when every row can be taken. Raises Refusal for what is no list at all."""
    whole = roster(content, file_name)
    if not {"street", "neighbourhood"} <= set(whole.guess):
        raise Refusal("La première ligne doit nommer les colonnes : rue;quartier.")
    places = {folded(row.name): row.id for row in Neighbourhood.select()}
    wanted: dict[tuple[str, int], dict[str, object]] = {}
    refused: list[tuple[int, Sentence]] = []
    for row in whole.rows:
        try:
            name, place = _read(cells_by_field(whole.guess, row.cells), places)
        except Refusal as refusal:
            refused.append((row.line, Sentence(refusal.template, refusal.values)))
            continue
        wanted[folded(name), place] = {"name": name, "folded": folded(name), "neighbourhood": place}
    if len(wanted) > MOST_STREETS:
        raise Refusal("La liste a plus de {most} rues : elle est trop longue.", most=MOST_STREETS)
    if refused or not wanted:
        return StreetReport(0, tuple(refused))
    rows = list(wanted.values())
    with writing():
        take_turn("streets")
        Street.delete().execute()
        for begin in range(0, len(rows), 500):
            Street.insert_many(rows[begin : begin + 500]).execute()
        audit.record(now, by, "streets_imported", added=len(rows))
    return StreetReport(len(rows), ())


def _read(cells: dict[str, str], places: dict[str, int]) -> tuple[str, int]:
    name, place = one_line(cells.get("street", "")), one_line(cells.get("neighbourhood", ""))
    if not name:
        raise Refusal("Il manque la rue.")
    if folded(place) not in places:
        raise Refusal("Le quartier « {name} » n'existe pas : corrigez-le, ou ajoutez ce quartier.", name=place[:60])
    return name, places[folded(place)]


def _spellings(cards: Iterable[StreetCard]) -> dict[str, list[str]]:
    """By folded name, how members' streets of that name are written."""
    wanted, found = {folded(card.name) for card in cards}, dict[str, list[str]]()
    for (written,) in tuples(Member.select(Member.street).where(Member.street != "").distinct()):
        if (key := folded(written)) in wanted:
            found.setdefault(key, []).append(written)
    return found
