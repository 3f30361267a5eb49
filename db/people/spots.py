"""The spot that somebody types as the place of an alert: the neighbourhoods and the street that its words name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from db.journal.reading import until_journaled
from db.models.people import Neighbourhood
from db.people.streets import StreetCard, found_streets, known_streets
from db.people.zone import directory, zone
from rules.collation import folded, spelled

# « Neuville » is Neuville-en-Condroz; a first word of fewer letters is part of many names, as « Bois ».
SHORTEST_NAME = 5
# Of a zone's name, what is no municipality.
_NO_PLACES = {"police", "locale", "zone", "politie", "lokale", "politiezone", "lokal", "polizei", "polizeizone"}


@dataclass(frozen=True, slots=True)
class Spot:
    """`neighbourhoods` are those named, the street's first; `street` is what `db.people.streets` calls it, or empty.
    `everywhere`: the zone itself was named.
    """

    neighbourhoods: tuple[str, ...] = ()
    street: str = ""
    everywhere: bool = False


def spot_of(typed: str) -> Spot:
    """The spot that these words name: a neighbourhood by its name or the first word of it, a street, a useful number's
    service by its address, or a municipality of the zone.
    """
    text = spelled(typed)
    text += "".join(spelled(card.contact) for card in directory() if spelled(card.service) == text)
    named = _streets_in(text)
    for key, _cards in named:  # the street of Rotheux is not in Rotheux for that
        text = text.replace(key, " ")
    places = _places_in(text)
    cards = named[0][1] if named else ()
    street = next((card for card in cards if card.neighbourhood in places), cards[0] if len(cards) == 1 else None)
    if street is not None and street.neighbourhood:
        places = list(dict.fromkeys([street.neighbourhood, *places]))
    everywhere = not places and spelled(typed) in map(spelled, _municipalities())
    return Spot(tuple(places), str(street or ""), everywhere)


def suggested(typed: str, most: int) -> list[str]:
    """Places to choose from for these first letters: neighbourhoods, municipalities, streets with theirs, and services
    with a known address.
    """
    begun = spelled(typed).strip()
    if not begun:
        return []
    streets = [", ".join(filter(None, (card.name, card.neighbourhood))) for card in found_streets(typed, most)]
    services = [card.service for card in directory() if spot_of(card.service).neighbourhoods]
    named = _begun_with(begun, [*_names(), *_municipalities()])
    return list(dict.fromkeys([*named, *streets, *_begun_with(begun, services)]))[:most]


def _begun_with(begun: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if f" {begun}" in spelled(name)]


def _streets_in(text: str) -> list[tuple[str, tuple[StreetCard, ...]]]:
    """The streets named, the longest name first, each with where it lies."""
    return sorted(((key, cards) for key, cards in _by_name().items() if key in text), key=lambda pair: -len(pair[0]))


@until_journaled
def _by_name() -> dict[str, tuple[StreetCard, ...]]:
    cards: dict[str, tuple[StreetCard, ...]] = {}
    for card in known_streets():
        key = spelled(card.name)
        cards[key] = (*cards.get(key, ()), card)
    return cards


def _places_in(text: str) -> list[str]:
    names = _names()
    whole = [name for name in names if spelled(name) in text]
    return whole or [name for name, short in _short(names).items() if short in text]


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
