"""The outline of one neighbourhood, drawn on the zone's map or typed corner by corner."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.translate import said
from console.people.maps import drawn
from console.web import form_fields
from console.web.roles import roles
from console.web.session import actor
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods
from db.people.outlines import outlines, save_outline
from plp.rules.geometry import Point
from plp.rules.refusals import Refusal

blueprint = Blueprint("drawing", __name__, url_prefix="/neighbourhoods")

# Room beside the zone for a neighbourhood that is not on its map yet.
AROUND = 0.3
LONGEST = 100_000


@blueprint.get("/<int:neighbourhood_id>/outline")
@roles("admin")
def draw(neighbourhood_id: int) -> ResponseReturnValue:
    own = next((card.rings[0] for card in outlines() if card.neighbourhood_id == neighbourhood_id), [])
    return _page(neighbourhood_id, "\n".join(f"{x:.6f}, {y:.6f}" for x, y in own[:-1]))


@blueprint.post("/<int:neighbourhood_id>/outline")
@roles("admin")
def draw_now(neighbourhood_id: int) -> ResponseReturnValue:
    """Take the corners that were drawn or typed, one a line: longitude, latitude."""
    _name(neighbourhood_id)
    typed = form_fields.text("points")[:LONGEST]
    try:
        save_outline(neighbourhood_id, _points(typed), actor(), utc_now())
    except Refusal as refusal:
        return _page(neighbourhood_id, typed, said(refusal)), 400
    flash(_("Les limites sont enregistrées."), "done")
    return redirect(url_for("neighbourhoods.outline"))


def _points(typed: str) -> list[Point]:
    found: list[Point] = []
    for number, line in enumerate(typed.splitlines(), 1):
        if line.strip():
            try:
                x, y = (float(each) for each in line.split(","))
            except ValueError:
                raise Refusal(
                    "Ligne {line} : écrivez « longitude, latitude », par exemple 5.493000, 50.537000.", line=number
                ) from None
            found.append((x, y))
    return found


def _name(neighbourhood_id: int) -> str:
    return next((place.name for place in neighbourhoods() if place.id == neighbourhood_id), "") or abort(404)


def _page(neighbourhood_id: int, points: str, sentence: str = "") -> str:
    return render_template(
        "people/neighbourhoods/draw.html",
        neighbourhood_id=neighbourhood_id,
        name=_name(neighbourhood_id),
        map=drawn(outlines(), AROUND),
        points=points,
        sentence=sentence,
    )
