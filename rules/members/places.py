"""Further places of a member (a shop, the house of their parents): « Boncelles, rue de la Poste; Ougrée »."""

from collections.abc import Collection, Iterable

from rules.collation import folded
from rules.refusals import Refusal

# Nobody has more, and each is one more street that they hear of.
MOST = 5
LONGEST = 600
Place = tuple[str, str]


def places_in(text: str) -> list[Place]:
    """(neighbourhood, street) of each place, in order; the street is empty if none is given."""
    parts = (part.partition(",") for part in text.replace("\n", ";").split(";"))
    named = ((" ".join(name.split()), " ".join(street.split())) for name, _comma, street in parts)
    return list(dict.fromkeys(place for place in named if any(place)))


def written_places(places: Iterable[Place]) -> str:
    """The same as one text."""
    return "; ".join(f"{name}, {street}" if street else name for name, street in dict.fromkeys(places))


def read_places(text: str) -> str:
    """The text as it is kept. Raises Refusal for too many, or a street without its neighbourhood."""
    places = places_in(text)
    if len(places) > MOST:
        raise Refusal("{most} autres lieux au plus", most=MOST)
    if not all(name for name, _street in places):
        raise Refusal("indiquez d'abord le quartier, puis la rue")
    return written_places((name[:100], street[:100]) for name, street in places)


def unknown_places(text: str, known: Collection[str]) -> list[str]:
    """The neighbourhoods of this text that are none of the `known` ones."""
    folded_names = {folded(name) for name in known}
    return [name for name, _street in places_in(text) if folded(name) not in folded_names]
