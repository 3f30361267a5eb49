"""Corrections that coordinators propose, and registrations of the public: accept or refuse them."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.labels import CORRECTION_WORDS
from console.people.members.pages import of_street
from console.web import form_fields
from console.web.acting import actor, attempt
from console.web.roles import may
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods
from db.people.proposals import corrections, registrations
from plp.services.people.proposals import accept_correction, accept_registration, refuse_correction, refuse_registration

blueprint = Blueprint("corrections", __name__, url_prefix="/corrections")


@blueprint.get("")
@may("edit_members")
def listing() -> ResponseReturnValue:
    proposed = registrations()
    return render_template(
        "people/corrections.html",
        found=corrections(),
        registrations=proposed,
        lived={card.id: card.draft.neighbourhood_id or of_street(card.draft.street) for card in proposed},
        places=neighbourhoods(),
        words=CORRECTION_WORDS,
    )


@blueprint.post("/<int:correction_id>")
@may("edit_members")
def decide(correction_id: int) -> ResponseReturnValue:
    """Accept it (`do` is accept), or drop it."""
    accepted = request.form.get("do") == "accept"
    act, done = (
        (accept_correction, _("La correction est enregistrée."))
        if accepted
        else (refuse_correction, _("La correction est refusée."))
    )
    attempt(lambda: act(correction_id, actor(), utc_now()), done)
    return redirect(url_for("corrections.listing"))


@blueprint.post("/registrations/<int:registration_id>")
@may("edit_members")
def decide_registration(registration_id: int) -> ResponseReturnValue:
    """Add the person (`do` is accept), or drop what they proposed."""
    place, shared = form_fields.number(f"neighbourhood_{registration_id}") or 0, form_fields.ticked("number_shared")
    if request.form.get("do") == "accept":
        done = _("L'inscription est acceptée.")
        attempt(lambda: accept_registration(registration_id, place, shared, actor(), utc_now()), done)
    else:
        attempt(lambda: refuse_registration(registration_id, actor(), utc_now()), _("L'inscription est refusée."))
    return redirect(url_for("corrections.listing"))
