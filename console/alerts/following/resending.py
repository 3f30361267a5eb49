"""Send again, to those who did not get it, or also to those who may have it, with the risk named."""

from typing import get_args

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from console.alerts.blueprint import blueprint, found, sender
from console.web.acting import attempt, request_now
from db.alerts.orders.control import Only
from db.alerts.progress.progress import RecipientPage, called_off_people, incomplete_people, recipients
from db.engine.clock import utc_now
from db.modems.forecast import forecast
from plp.services import broadcasts

NAMED = 200


@blueprint.get("/<int:broadcast_id>/resend")
@sender
def resend(broadcast_id: int) -> ResponseReturnValue:
    """The page with the people who would get it again, and the risk."""
    only, shown = _only(), found(broadcast_id)
    if shown.superseded:
        flash(_("Une correction ou une fin d'alerte a été envoyée : ce message ne peut plus être renvoyé."), "failed")
        return redirect(url_for("alerts.progress", broadcast_id=broadcast_id))
    people = _people(broadcast_id, only)
    if not people.total:
        flash(_("Aucun destinataire : le renvoi est inutile."))
        return redirect(url_for("alerts.progress", broadcast_id=broadcast_id))
    return render_template(
        "alerts/resend.html",
        progress=shown,
        state=only,
        people=people,
        forecast=forecast(people.total * shown.segments, utc_now()),
    )


@blueprint.post("/<int:broadcast_id>/resend")
@sender
def resend_now(broadcast_id: int) -> ResponseReturnValue:
    only = _only()
    found(broadcast_id)
    number = attempt(lambda: broadcasts.resend(broadcast_id, request_now(), only=only))
    if number is not None:
        flash(ngettext("Renvoyé à %(num)s personne.", "Renvoyé à %(num)s personnes.", number))
    return redirect(url_for("alerts.progress", broadcast_id=broadcast_id), 303)


def _people(broadcast_id: int, only: Only) -> RecipientPage:
    if only == "incomplete":
        return incomplete_people(broadcast_id, utc_now(), NAMED)
    if only == "cancelled":
        return called_off_people(broadcast_id, NAMED)
    return recipients(broadcast_id, only, per_page=NAMED)


def _only() -> Only:
    state = request.values.get("state", "")
    only: Only | None = next((each for each in get_args(Only) if each == state), None)
    return only or abort(400)
