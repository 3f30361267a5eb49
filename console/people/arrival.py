"""The neighbourhoods, with what an alert was or will be to their people: a map of known outlines, or tiles by name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from textwrap import wrap
from typing import TypeAlias

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from console.i18n.labels import count, labels
from console.i18n.translate import reader_language
from console.people.neighbourhoods import zone_map
from console.people.reached import reach_words
from db.alerts.incidents.reach import PlaceReach, reach_by_place
from db.people.audience import Recipient
from db.people.members.listing import homes, neighbourhood_names

# Beyond so many names a map of a screen is a heap of words: a shape still says its own.
MOST_NAMES = 14
LONGEST_LINE = 12
TONES = labels("arrival_tones")
_KEPT = 8
# Width and height of the drawing; of each shape its neighbourhood's id and name, its path, x and y of its name.
_Outlines: TypeAlias = tuple[int, int, tuple[tuple[int, str, str, int, int], ...]]


@dataclass(frozen=True, slots=True)
class MapPlace:
    """A neighbourhood as it is shown: `tone` is a key of TONES; `id` is None for people who are in none any more."""

    id: int | None
    name: str
    tone: str
    figure: str
    words: str

    @property
    def lines(self) -> list[str]:
        """The name in lines as short as its hyphens and spaces allow, for a map on a phone."""
        return wrap(self.name, LONGEST_LINE)


def arrival(broadcast_id: int, now: datetime, *, address: str = "") -> Markup:
    """The map of what came of this broadcast by whichever road. `address`: of the list of its people, where a reader
    may open it.
    """
    return _arrival(tuple(reach_by_place(broadcast_id, now)), address, _outlines(), reader_language())


def aimed_at(people: Iterable[Recipient]) -> Markup:
    """The same of an order before anything is sent: whom it will reach; empty where nobody lives in a neighbourhood."""
    home, names = homes(), neighbourhood_names()
    places = Counter(home.get(person.member_id) for person in people if person.member_id is not None)
    return aimed({(place, names[place]): number for place, number in places.items() if place in names})


def aimed(people: Mapping[tuple[int, str], int]) -> Markup:
    """The same before anything is ordered: the number of people by neighbourhood (id and name)."""
    return _aimed(tuple((*place, number) for place, number in people.items() if number), _outlines(), reader_language())


# Pages that show a map ask for it every few seconds, and most times nothing has changed: to write two hundred
# neighbourhoods anew took half of the page's time.
@lru_cache(maxsize=_KEPT)
def _arrival(places: tuple[PlaceReach, ...], address: str, outlines: _Outlines, _language: str) -> Markup:
    return _written([_arrived(place) for place in places], outlines, address)


@lru_cache(maxsize=_KEPT)
def _aimed(people: tuple[tuple[int, str, int], ...], outlines: _Outlines, _language: str) -> Markup:
    places = []
    for place_id, name, number in people:
        words = ngettext("%(n)s personne", "%(n)s personnes", number, n=count(number))
        places.append(MapPlace(place_id, name, "aimed", count(number), words))
    return _written(places, outlines)


def _outlines() -> _Outlines:
    drawing = zone_map()
    return (drawing["width"], drawing["height"], tuple(drawing["shapes"])) if drawing else (0, 0, ())


def _arrived(place: PlaceReach) -> MapPlace:
    reach = place.reach
    if reach.received == reach.people:
        tone = "delivered"
    elif reach.waiting:
        tone = "waiting"
    elif not reach.otherwise:
        tone = "taken"
    else:
        tone = "partly" if reach.received + reach.sent else "missing"
    figure = f"{count(reach.received)} / {count(reach.people)}"
    return MapPlace(place.id, place.name or _("(absent de la liste)"), tone, figure, reach_words(reach))


def _written(places: Iterable[MapPlace], outlines: _Outlines, address: str = "") -> Markup:
    """The HTML: shapes on the map, and tiles for neighbourhoods without an outline."""
    (width, height, drawn), by_id = outlines, {place.id: place for place in places}
    shapes = []
    for place_id, name, path, x, y in drawn:
        place = by_id.pop(place_id, None) or MapPlace(place_id, name, "none", "", _("non visé"))
        shapes.append((place, path, x, y, len(drawn) <= MOST_NAMES))
    if not shapes and not by_id:
        return Markup()
    tones = {place.tone for place, *_shape in shapes} | {place.tone for place in by_id.values()}
    key = [(tone, words) for tone, words in TONES.items() if tone in tones]
    values = {"width": width, "height": height, "beside": list(by_id.values()), "address": address}
    return Markup(render_template("people/arrival.html", **values, shapes=shapes, key=key))  # noqa: S704 - a template
