"""The zone's streets: its list of streets by neighbourhood, and the people who live in one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from peewee import fn

from db.engine.base import tuples
from db.journal.reading import until_journaled
from db.models.people import Member, MemberPlace, Neighbourhood, Street
from db.people.members.listing import reachable_members
from db.people.members.places import has_place
from rules.collation import folded, sought
from rules.members.columns import one_line


@dataclass(frozen=True, slots=True, order=True)
class StreetCard:
    """A street; with `neighbourhood` only the stretch that lies in it, since villages of a zone share names."""

    name: str
    neighbourhood: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.neighbourhood})" if self.neighbourhood else self.name


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
    fitting = [key for key in known if words and all(word in sought(key[0]) for word in words)]
    return [known[key] for key in sorted(fitting, key=lambda key: (key[0] != wanted, key))[:most]]


def known_streets() -> Collection[StreetCard]:
    """The streets of the list, and those where members live."""
    return _known().values()


@until_journaled
def _known() -> dict[tuple[str, str], StreetCard]:
    """By folded name and neighbourhood: the streets of the list, and those where members live."""
    lived = [
        StreetCard(*row)
        for table in (Member, MemberPlace)
        for row in tuples(
            table.select(table.street, Neighbourhood.name).join(Neighbourhood).where(table.street != "").distinct()
        )
    ]
    return {(folded(card.name), card.neighbourhood): card for card in (*lived, *streets())}


def street_of(text: str) -> StreetCard | None:
    """The street that a text names: « Rue de Namur », or « Rue de Namur (Limal) » for a neighbourhood's stretch of it.
    None where the zone has none: nobody lives in it, and it is not on the list.
    """
    name, _bracket, place = one_line(text).partition(" (")
    places = {folded(row.name): row.name for row in Neighbourhood.select()} if place else {}
    where = places.get(folded(place.removesuffix(")")), "")
    card = StreetCard(name if where or not place else one_line(text), where)
    return card if street_neighbourhoods(card.name) or _spellings([card]) else None


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
    at_home, elsewhere = Member.street.in_(spellings), MemberPlace.street.in_(spellings)
    if card.neighbourhood:
        place = places.get(card.neighbourhood, 0)
        at_home, elsewhere = at_home & (Member.neighbourhood == place), elsewhere & (MemberPlace.neighbourhood == place)
    return at_home | has_place(elsewhere)


@until_journaled
def people_in_street(card: StreetCard) -> int:
    """Number of distinct phones that an alert to this street alone would reach."""
    numbers = reachable_members().select(fn.COUNT(fn.DISTINCT(Member.mobile))).where(lives_in([card]))
    return int(numbers.scalar())


@until_journaled
def without_street(neighbourhood: str) -> int:
    """Number of people of a neighbourhood whose street is not known."""
    rows = Member.select().join(Neighbourhood).where(Neighbourhood.name == neighbourhood, Member.street == "")
    return int(rows.count())


def put_streets(streets: Collection[tuple[str, int]]) -> None:
    """Take the place of the zone's list: names, with their neighbourhoods by id. Inside the caller's transaction."""
    rows = [{"name": name, "folded": folded(name), "neighbourhood": place_id} for name, place_id in streets]
    Street.delete().execute()
    for begin in range(0, len(rows), 500):
        Street.insert_many(rows[begin : begin + 500]).execute()


def _spellings(cards: Iterable[StreetCard]) -> dict[str, list[str]]:
    """By folded name, how members' streets of that name are written."""
    wanted, spellings = {folded(card.name) for card in cards}, dict[str, list[str]]()
    lived = Member.select(Member.street).where(Member.street != "")
    for (written,) in tuples(lived | MemberPlace.select(MemberPlace.street).where(MemberPlace.street != "")):
        if (key := folded(written)) in wanted:
            spellings.setdefault(key, []).append(written)
    return spellings
