"""The incident of an alert: its title, closing it without a text, and calls to people whom no SMS reaches."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.alerts.blueprint import blueprint, found, sender
from console.i18n.translate import reworded
from console.web import form_fields
from console.web.acting import attempt, request_now
from db.alerts.incidents.incidents import Incident
from db.alerts.orders.texts import MAIN_LANGUAGE
from db.alerts.templates.kept import wordings
from plp.services import broadcasts

_LONGEST_TITLE = 70


@blueprint.post("/<int:broadcast_id>/close")
@sender
def close(broadcast_id: int) -> ResponseReturnValue:
    """Close the incident: it leaves the first page, and nobody gets a text."""
    found(broadcast_id)
    if attempt(lambda: broadcasts.close(broadcast_id, request_now())) is not None:
        flash(_("Alerte clôturée. Aucun SMS n'a été envoyé."))
    return redirect(url_for("alerts.thread", broadcast_id=broadcast_id), 303)


@blueprint.post("/<int:broadcast_id>/called")
@sender
def called(broadcast_id: int) -> ResponseReturnValue:
    """Tick off a call to a member without a mobile, or take the tick away (`?done=no`)."""
    found(broadcast_id)
    member, done = form_fields.number("member"), request.form.get("done") != "no"
    attempt(lambda: broadcasts.tick_call(broadcast_id, member or 0, done, request_now()))
    return redirect(url_for("alerts.progress", broadcast_id=broadcast_id, _anchor="left-out"), 303)


@blueprint.app_template_global()
def incident_title(incident: Incident) -> str:
    """« Cambriolage en cours, rue Haute »; of a text by hand its first sentence."""
    if incident.kind:
        return ", ".join(part for part in (reworded(incident.kind), incident.place) if part)
    if "alert_prefix" not in g:
        g.alert_prefix = wordings()[MAIN_LANGUAGE].prefix
    bare = incident.alert.text.removeprefix(g.alert_prefix).strip()
    first = bare.partition(". ")[0].rstrip(".")
    return first if len(first) <= _LONGEST_TITLE else first[:_LONGEST_TITLE].rpartition(" ")[0] + "…"
