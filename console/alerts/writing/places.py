"""The places that an officer chose: neighbourhoods in the order in which they will be served, and streets."""

import json
from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from console.alerts.blueprint import blueprint
from console.web import form_fields
from console.web.roles import may
from db.journal.reading import until_journaled
from db.people.members.cards import NeighbourhoodCard
from db.people.outlines import neighbours
from db.people.streets import StreetCard, found_streets, people_in_street, without_street
from rules.collation import folded

_EARLIER = "earlier:"
_AROUND = 3
_LONGEST = 100  # characters of a neighbourhood's name
_LONGEST_STREET = 2 * _LONGEST + 3
_MOST_STREETS = 6


def typed_places() -> tuple[str, ...]:
    """The ticked neighbourhoods in the order of the page; the button « plus tôt » moves one of them up."""
    names = list(dict.fromkeys(form_fields.cleaned(name, _LONGEST) for name in request.form.getlist("neighbourhood")))
    do = request.form.get("do", "")
    if do.startswith(_EARLIER) and (name := do.removeprefix(_EARLIER)) in names:
        at = names.index(name)
        names.insert(max(0, at - 1), names.pop(at))
    return tuple(names)


def in_order(places: Sequence[NeighbourhoodCard], chosen: Sequence[str]) -> list[NeighbourhoodCard]:
    """The chosen ones first, in the officer's order; the others after them in the zone's."""
    rank = {name: at for at, name in enumerate(chosen)}
    return sorted(places, key=lambda place: rank.get(place.name, len(rank)))


@until_journaled
def around(names: tuple[tuple[int, str], ...]) -> dict[str, str]:
    """The nearest others by neighbourhood, as a JSON list of names; none for one without an outline."""
    known = dict(names)
    return {
        known[place]: json.dumps([known[other] for other in others if other in known])
        for place, others in neighbours(_AROUND).items()
        if place in known
    }


def typed_names(field: str) -> tuple[str, ...]:
    """The ticked `group`s of members, or streets (`only_street`); `db.people.audience` refuses a name that is none."""
    return tuple(dict.fromkeys(form_fields.cleaned(name, _LONGEST_STREET) for name in request.form.getlist(field)))


def typed_near() -> str:
    """The neighbourhood where it happened, empty for none; `db.people.audience` refuses a name that is not one."""
    return form_fields.cleaned(request.form.get("near", ""), _LONGEST)


@blueprint.post("/streets")
@may("send_alerts")
def streets() -> ResponseReturnValue:
    """The streets that the typed name means, beside those that were ticked."""
    return streets_found(form_fields.line("street", 100), typed_names("only_street"))


@blueprint.app_template_global()
def streets_found(typed: str, chosen: Sequence[str]) -> Markup:
    """The fragment of the form."""
    ticked = [named(name) for name in chosen]
    cards = list(dict.fromkeys([*ticked, *found_streets(typed, _MOST_STREETS)]))
    places = dict.fromkeys(card.neighbourhood for card in cards if card.neighbourhood)
    page = render_template(
        "alerts/streets.html",
        typed=typed,
        chosen=chosen,
        place=_place_of(typed, cards),
        streets=[(card, people_in_street(card)) for card in cards],
        unknown=[(name, people) for name in places if (people := without_street(name))],
    )
    return Markup(page)  # noqa: S704 - a template of ours, which escaped what it holds


def place_of_street() -> str:
    """The neighbourhood of the street in the form that was posted; empty where it is in none, or in several."""
    typed = form_fields.line("street", 100) if request.form.get("street") else ""
    return _place_of(typed, found_streets(typed, _MOST_STREETS)) if typed else ""


def _place_of(typed: str, cards: Sequence[StreetCard]) -> str:
    exact = {card.neighbourhood for card in cards if folded(card.name) == folded(typed)}
    return next(iter(exact)) if len(exact) == 1 else ""


def named(name: str) -> StreetCard:
    """The street of a ticked box, whether or not it exists."""
    street, _bracket, place = name.removesuffix(")").rpartition(" (")
    return StreetCard(street, place) if street else StreetCard(name)
