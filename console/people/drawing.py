"""The outline of one neighbourhood, drawn on the zone's map or typed corner by corner."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.people.maps import drawn
from console.web import form_fields
from console.web.acting import FORM, actor, done, form_page
from console.web.roles import roles
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods
from db.people.outlines import outlines, save_outline
from plp.rules.geometry import Point
from plp.rules.refusals import Refusal

blueprint = Blueprint("drawing", __name__, url_prefix="/neighbourhoods")

# Room beside the zone for a neighbourhood that is not on its map yet.
AROUND = 0.3
LONGEST = 100_000


@blueprint.route("/<int:neighbourhood_id>/outline", methods=FORM)
@roles("admin")
def draw(neighbourhood_id: int) -> ResponseReturnValue:
    """Its corners, drawn or typed, one a line: longitude, latitude."""
    name = next((place.name for place in neighbourhoods() if place.id == neighbourhood_id), "") or abort(404)
    typed = form_fields.text("points")[:LONGEST]

    def show(sentence: str) -> str:
        found = outlines()
        own = next((card.rings[0] for card in found if card.neighbourhood_id == neighbourhood_id), [])
        return render_template(
            "people/neighbourhoods/draw.html",
            neighbourhood_id=neighbourhood_id,
            name=name,
            map=drawn(found, AROUND),
            points=typed if sentence else "\n".join(f"{x:.6f}, {y:.6f}" for x, y in own[:-1]),
            sentence=sentence,
        )

    def save() -> ResponseReturnValue:
        save_outline(neighbourhood_id, _points(typed), actor(), utc_now())
        return done(_("Les limites sont enregistrées."), "neighbourhoods.outline")

    return form_page(show, save)


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
