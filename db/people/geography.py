"""The zone's streets, by neighbourhood, and the people who live in one; outlines of the neighbourhoods, and the
nearest; the neighbourhoods and the street that typed words name as the place of an alert.
"""

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, reduce
from itertools import chain
from operator import or_
from typing import Any

from peewee import chunked, fn

from db.engine.base import grouped, put, tuples
from db.journal.reading import until_journaled
from db.models.people import Member, MemberPlace, Neighbourhood, Street
from db.models.policy import Outline as Outline  # pages name the rows that they get
from db.people.members.cards import has_place
from db.people.members.listing import reachable_members
from db.people.zone import directory, zone
from rules.collation import folded, sought, spelled
from rules.geometry import Point, distance_m
from rules.members import one_line

# « Neuville » is Neuville-en-Condroz; a first word of fewer letters is part of many names, as « Bois ».
SHORTEST_NAME = 5
# Of a zone's name, what is no municipality.
_NO_PLACES = {"police", "locale", "zone", "politie", "lokale", "politiezone", "lokal", "polizei", "polizeizone"}


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


def matching_streets(typed: str, most: int) -> list[StreetCard]:
    """Streets whose name has these words, those of the list and those where members live; exact names come first."""
    words, wanted, known = sought(typed).split(), folded(typed), _known()
    fitting = [key for key in known if words and all(word in sought(key[0]) for word in words)]
    return [known[key] for key in sorted(fitting, key=lambda key: (key[0] != wanted, key))[:most]]


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
    """The street that a text names, or its stretch in « Rue de Namur (Limal) »; None where nobody knows one."""
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
    # One condition for each street would be as deep as there are streets, and no query.
    together = grouped((card.neighbourhood, by_name.get(folded(card.name), [])) for card in cards)
    conditions = []
    for neighbourhood, spelt in together.items():
        spellings = [*chain.from_iterable(spelt)]
        at_home, elsewhere = Member.street.in_(spellings), MemberPlace.street.in_(spellings)
        if neighbourhood:
            place = places.get(neighbourhood, 0)
            at_home &= Member.neighbourhood == place
            elsewhere &= MemberPlace.neighbourhood == place
        conditions.append(at_home | has_place(elsewhere))
    return reduce(or_, conditions)


def place_of(card: StreetCard) -> int | None:
    """The id of the neighbourhood that it names."""
    return Neighbourhood.select(Neighbourhood.id).where(Neighbourhood.name == card.neighbourhood).scalar() or None


@until_journaled
def people_in_street(card: StreetCard) -> int:
    """Number of distinct phones that an alert to this street alone would reach."""
    numbers = reachable_members().select(fn.COUNT(fn.DISTINCT(Member.mobile))).where(lives_in([card]))
    return int(numbers.scalar())


@until_journaled
def without_street(neighbourhood: str) -> int:
    """Number of people of a neighbourhood whose street is not known."""
    here = Neighbourhood.name == neighbourhood
    return int(Member.select().join(Neighbourhood).where(here, Member.street == "").count())


def put_streets(streets: Collection[tuple[str, int]]) -> None:
    """Take the place of the zone's list: names, with their neighbourhoods by id. Inside the caller's transaction."""
    rows = [{"name": name, "folded": folded(name), "neighbourhood": place_id} for name, place_id in streets]
    Street.delete().execute()
    for some in chunked(rows, 500):
        Street.insert_many(some).execute()


def _spellings(cards: Iterable[StreetCard]) -> dict[str, list[str]]:
    """By folded name, how members' streets of that name are written."""
    wanted = {folded(card.name) for card in cards}
    lived = Member.select(Member.street).where(Member.street != "")
    rows = tuples(lived | MemberPlace.select(MemberPlace.street).where(MemberPlace.street != ""))
    return grouped((key, written) for (written,) in rows if (key := folded(written)) in wanted)


def outlines() -> list[Outline]:
    """Every outline, in the order of the neighbourhoods, with its rings."""
    rows = Outline.select(Outline, Neighbourhood).join(Neighbourhood)
    placed = list(rows.order_by(Neighbourhood.position, Neighbourhood.name))
    for row in placed:
        row.rings = [[(x, y) for x, y in ring] for ring in json.loads(row.shape)]
    return placed


def nearest_first(places: Sequence[int], origin: int, centres: Mapping[int, Point] | None = None) -> list[int]:
    """Neighbourhoods by id, by the distance of their centres from `origin`; those without an outline come last."""
    centres = _centres() if centres is None else centres
    start = centres.get(origin)

    def far(place: int) -> float:
        if place == origin:
            return -1.0
        return distance_m(start, centres[place]) if start and place in centres else math.inf

    return sorted(places, key=far)


def neighbours(most: int) -> dict[int, list[int]]:
    """By id of a neighbourhood with an outline, at most so many of the nearest others."""
    return _neighbours(tuple(_centres().items()), most)


@lru_cache(maxsize=2)  # of two hundred it takes a tenth of a second, on any database, and outlines seldom change
def _neighbours(centres: tuple[tuple[int, Point], ...], most: int) -> dict[int, list[int]]:
    by_id = dict(centres)
    return {place: nearest_first(list(by_id), place, by_id)[1 : most + 1] for place in by_id}


def _centres() -> dict[int, Point]:
    rows = tuples(Outline.select(Outline.neighbourhood, Outline.longitude, Outline.latitude))
    return {place: (longitude, latitude) for place, longitude, latitude in rows}


def put_outlines(shapes: Mapping[int, Mapping[str, object]], by: str, now: datetime) -> None:
    """Give neighbourhoods, by id, outlines of these columns. Inside the caller's transaction."""
    for place_id, shape in shapes.items():
        put(Outline, {"neighbourhood": place_id}, **shape, imported_by=by, imported_at=now)


def remove_outlines() -> bool:
    """Delete them all; True when some were. Inside the caller's transaction."""
    return bool(Outline.delete().execute())


@dataclass(frozen=True, slots=True)
class Spot:
    """The `neighbourhoods` that were named, the street's first; `everywhere`: the zone itself was; `wide`: one of its
    municipalities, of which nobody noted the neighbourhoods."""

    neighbourhoods: tuple[str, ...] = ()
    street: str = ""
    everywhere: bool = False
    wide: str = ""


def spot_of(typed: str) -> Spot:
    """The spot that these words name: a neighbourhood by all or the first word of its name, a street, a useful number's
    service by its address, or a municipality."""
    text = spelled(typed)
    zone_spot = _of_the_zone(text)
    if zone_spot is not None:
        return zone_spot
    text += "".join(spelled(card.contact) for card in directory() if spelled(card.service) == text)
    by_name = sorted(_by_name().items(), key=lambda pair: -len(pair[0]))  # the longest name first
    named = [(key, cards) for key, cards in by_name if key in text]
    for key, _cards in named:  # the street of Rotheux is not in Rotheux for that
        text = text.replace(key, " ")
    names = _names()
    places = [name for name in names if spelled(name) in text]
    places = places or [name for name, short in _short(names).items() if short in text]
    cards = named[0][1] if named else []
    street = next((card for card in cards if card.neighbourhood in places), cards[0] if len(cards) == 1 else None)
    if street is not None and street.neighbourhood:
        places = list(dict.fromkeys([street.neighbourhood, *places]))
    return Spot(tuple(places), str(street or ""))


def _of_the_zone(text: str) -> Spot | None:
    """The spot of a text that names the zone or a municipality, and no neighbourhood; None for another."""
    names = _municipalities()
    everywhere = bool(names) and text in (spelled(zone().name), spelled(" ".join(names)))
    wide = next((name for name in names if spelled(name) == text), "")
    if not (everywhere or wide) or text in map(spelled, _names()):
        return None
    return Spot(everywhere=everywhere, wide="" if everywhere else wide)


def suggested(typed: str, most: int) -> list[str]:
    """Places that begin so: neighbourhoods, municipalities, streets with theirs, and services with a known address."""
    begun = spelled(typed).strip()
    if not begun:
        return []
    streets = [", ".join(filter(None, (card.name, card.neighbourhood))) for card in matching_streets(typed, most)]
    services = [card.service for card in directory() if spot_of(card.service).neighbourhoods]
    named = _begun_with(begun, [*_names(), *_municipalities()])
    return list(dict.fromkeys([*named, *streets, *_begun_with(begun, services)]))[:most]


def _begun_with(begun: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if f" {begun}" in spelled(name)]


@until_journaled
def _by_name() -> dict[str, list[StreetCard]]:
    return grouped((spelled(card.name), card) for card in _known().values())


def _short(names: Iterable[str]) -> dict[str, str]:
    """By neighbourhood, the first word of its name, where it is no other one's."""
    first = {name: f" {spelled(name).split()[0]} " for name in names if spelled(name).strip()}
    alone = [word for word in first.values() if len(word.strip()) >= SHORTEST_NAME]
    return {name: word for name, word in first.items() if alone.count(word) == 1}


@until_journaled
def _names() -> list[str]:
    rows = Neighbourhood.select(Neighbourhood.name).order_by(Neighbourhood.position, Neighbourhood.name)
    return [row.name for row in rows]


def _municipalities() -> list[str]:
    words = re.split(r"[\W_]+", zone().name)
    return [word for word in words if len(word) >= SHORTEST_NAME and folded(word) not in _NO_PLACES]
