"""The places that an officer chose: neighbourhoods, and streets."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import request

from console.alerts.blueprint import blueprint
from console.web import form_fields
from db.journal.reading import until_journaled
from db.people.geography import Spot, StreetCard, neighbours, people_in_street, suggested, without_street

_AROUND = 3
LONGEST_PLACE = 100  # characters of a neighbourhood's name
_LONGEST_STREET = 2 * LONGEST_PLACE + 3
_MOST_SUGGESTIONS = 8
_LONGEST_CHOICE = 20_000  # two hundred neighbourhoods with long names


def typed_places() -> tuple[str, ...]:
    """The ticked neighbourhoods in the order of the page, which is the zone's."""
    names = (form_fields.cleaned(name, LONGEST_PLACE) for name in request.form.getlist("neighbourhood"))
    return tuple(dict.fromkeys(names))


@until_journaled
def around(names: tuple[tuple[int, str], ...]) -> dict[str, list[str]]:
    """The names of the nearest others by neighbourhood; none for one without an outline."""
    known = dict(names)
    return {
        known[place]: [known[other] for other in others if other in known]
        for place, others in neighbours(_AROUND).items()
        if place in known
    }


def typed_names(field: str) -> tuple[str, ...]:
    """The ticked `group`s of members, or streets (`only_street`); `db.people.audience` refuses a name that is none."""
    return tuple(dict.fromkeys(form_fields.cleaned(name, _LONGEST_STREET) for name in request.form.getlist(field)))


def typed_near() -> str:
    """The neighbourhood where it happened, empty for none; `db.people.audience` refuses a name that is not one."""
    return form_fields.cleaned(request.form.get("near", ""), LONGEST_PLACE)


def as_choice(names: Collection[str], everywhere: bool = False) -> str:
    """A choice of people as a form carries it: the names of neighbourhoods, `null` for everybody."""
    return json.dumps(None if everywhere else sorted(names), ensure_ascii=False)


def choice_of(spot: Spot) -> str:
    """The choice that a place makes."""
    return as_choice(spot.neighbourhoods, spot.everywhere)


NOBODY_CHOSEN = as_choice(())


def typed_placed() -> str:
    """The choice that the place made last; a choice that differs from it was made by hand (docs/adr/0219)."""
    return form_fields.line("placed", _LONGEST_CHOICE) or NOBODY_CHOSEN


@blueprint.app_template_global()
def place_found(draft: Any, around: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Values of the typed place: suggestions, its neighbourhoods and those around, its street, and those ticked."""
    spot = draft.spot
    cards = list(dict.fromkeys(named(name) for name in (*draft.streets, *filter(None, [spot.street]))))
    places = dict.fromkeys(card.neighbourhood for card in cards if card.neighbourhood)
    return {
        "suggestions": suggested(draft.where, _MOST_SUGGESTIONS),
        "choice": choice_of(spot),
        "wide": spot.wide,
        "around": around.get(draft.near, ()),
        "streets": [(card, people_in_street(card)) for card in cards],
        "unknown": [(name, people) for name in places if (people := without_street(name))],
    }


def named(name: str) -> StreetCard:
    """The street of a ticked box, whether or not it exists."""
    street, _bracket, place = name.removesuffix(")").rpartition(" (")
    return StreetCard(street, place) if street else StreetCard(name)
