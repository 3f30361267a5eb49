"""The neighbourhoods of the zone, each with what its people got of an alert, or would get: a map where outlines are
known, tiles by name where there are none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.labels import count
from console.people.neighbourhoods import zone_map
from db.alerts.progress.report import PlaceCount, by_neighbourhood
from db.people.audience import Recipient
from db.people.members.listing import homes, neighbourhood_names

# Beyond so many names a map of a screen is a heap of words: each shape still says its own.
MOST_NAMES = 14
LONGEST_LINE = 12


@dataclass(frozen=True, slots=True)
class MapPlace:
    """A neighbourhood as it is shown: `tone` is a key of `tones`, `figure` is readable from a distance, `words` are the
    same in a sentence. `id` is None for people who are no longer in a neighbourhood.
    """

    id: int | None
    name: str
    tone: str
    figure: str
    words: str

    @property
    def lines(self) -> list[str]:
        """The name in lines as short as its hyphens and spaces allow, for a map on a phone."""
        return wrap(self.name, LONGEST_LINE)


def tones() -> dict[str, str]:
    """The words of each colour, in the order of the key."""
    return {
        "delivered": _("reçu par tous"),
        "taken": _("envoyé à tous"),
        "waiting": _("en attente"),
        "partly": _("des personnes manquent"),
        "missing": _("personne n'est averti"),
        "aimed": _("destinataires"),
        "none": _("non visé"),
    }


def arrival(broadcast_id: int) -> dict[str, Any]:
    """The map of what each neighbourhood got of this broadcast, for `arrival_map` of macros/maps.html."""
    return _drawn(_arrived(place) for place in by_neighbourhood(broadcast_id))


def aimed_at(people: Iterable[Recipient]) -> dict[str, Any]:
    """The same of an order before anything is sent: whom it will reach."""
    home, names = homes(), neighbourhood_names()
    places = Counter(home.get(person.member_id) for person in people if person.member_id is not None)
    return aimed({(place, names[place]): number for place, number in places.items() if place in names})


def aimed(people: Mapping[tuple[int, str], int]) -> dict[str, Any]:
    """The same before anything is ordered: the number of people by neighbourhood (id and name)."""
    return _drawn(
        MapPlace(
            place_id,
            name,
            "aimed",
            count(number),
            ngettext("%(n)s personne", "%(n)s personnes", number, n=count(number)),
        )
        for (place_id, name), number in people.items()
        if number
    )


def _arrived(place: PlaceCount) -> MapPlace:
    if place.waiting:
        tone = "waiting"
    elif place.taken < place.people:
        tone = "partly" if place.taken else "missing"
    else:
        tone = "delivered" if place.delivered == place.people else "taken"
    words = ngettext(
        "%(n)s envoyé sur %(all)s",
        "%(n)s envoyés sur %(all)s",
        place.taken,
        n=count(place.taken),
        all=count(place.people),
    )
    if place.delivered:
        words += ", " + ngettext("%(n)s reçu", "%(n)s reçus", place.delivered, n=count(place.delivered))
    name = place.name or _("(absent de la liste)")
    return MapPlace(place.id, name, tone, f"{count(place.taken)} / {count(place.people)}", words)


def _drawn(spots: Iterable[MapPlace]) -> dict[str, Any]:
    """`shapes` are (spot, path, x and y of its name, whether it is written there), `beside` the spots without one;
    `key` are the colours that are used, with their words.
    """
    by_id, drawing = {spot.id: spot for spot in spots}, zone_map()
    shapes = []
    for place_id, name, path, x, y in drawing["shapes"] if drawing else ():
        spot = by_id.pop(place_id, None) or MapPlace(place_id, name, "none", "", _("non visé"))
        shapes.append((spot, path, x, y, len(drawing["shapes"]) <= MOST_NAMES if drawing else False))
    used = {spot.tone for spot, *_shape in shapes} | {spot.tone for spot in by_id.values()}
    return {
        "width": drawing["width"] if drawing else 0,
        "height": drawing["height"] if drawing else 0,
        "shapes": shapes,
        "beside": list(by_id.values()),
        "key": [(tone, words) for tone, words in tones().items() if tone in used],
    }
