"""A street that was typed in « Où ? »: its neighbourhood, and an alert to this street alone."""

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from console.alerts.blueprint import blueprint, sender
from console.alerts.writing.places import typed_names
from console.web import form_fields
from db.people.streets import StreetCard, found_streets, people_in_street, without_street
from plp.rules.collation import folded

_MOST = 6


@blueprint.post("/streets")
@sender
def streets() -> ResponseReturnValue:
    """The streets that the typed name means, beside those that were ticked."""
    return streets_found(form_fields.line("street", 100), typed_names("only_street"))


@blueprint.app_template_global()
def streets_found(typed: str, chosen: Sequence[str]) -> Markup:
    """The fragment of the form."""
    ticked = [named(name) for name in chosen]
    found = list(dict.fromkeys([*ticked, *found_streets(typed, _MOST)]))
    places = dict.fromkeys(card.neighbourhood for card in found if card.neighbourhood)
    page = render_template(
        "alerts/streets.html",
        typed=typed,
        chosen=chosen,
        place=_place_of(typed, found),
        found=[(card, people_in_street(card)) for card in found],
        unknown=[(name, people) for name in places if (people := without_street(name))],
    )
    return Markup(page)  # noqa: S704 - a template of ours, which escaped what it holds


def place_of_street() -> str:
    """The neighbourhood of the street in the form that was posted; empty where it is in none, or in several."""
    typed = form_fields.line("street", 100) if request.form.get("street") else ""
    return _place_of(typed, found_streets(typed, _MOST)) if typed else ""


def _place_of(typed: str, found: Sequence[StreetCard]) -> str:
    exact = {card.neighbourhood for card in found if folded(card.name) == folded(typed)}
    return next(iter(exact)) if len(exact) == 1 else ""


def named(name: str) -> StreetCard:
    """The street of a ticked box, whether or not there is one."""
    street, _bracket, place = name.removesuffix(")").rpartition(" (")
    return StreetCard(street, place) if street else StreetCard(name)
