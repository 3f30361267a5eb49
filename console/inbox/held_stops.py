"""STOPs that came in a burst: who, since when, and what a person makes of them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from console.inbox.blueprint import blueprint
from console.web import form_fields
from console.web.roles import roles
from console.web.session import actor
from db.engine.clock import utc_now
from db.inbound.replies.held import held_stops
from plp.services.held_stops import decide_held_stops

# Who leaves the list is also the admin's business: the members are theirs to keep.
decider = roles("officer", "admin")


@blueprint.get("/stops")
@decider
def stops() -> ResponseReturnValue:
    return render_template("inbox/stops.html", held=held_stops())


@blueprint.post("/stops")
@decider
def decide_stops() -> ResponseReturnValue:
    """Only those that the page showed and that were ticked; another person's decision stands."""
    chosen = set(form_fields.numbers("stop"))
    leave = request.form.get("decision") == "apply"
    done = decide_held_stops(chosen, leave, actor(), utc_now())
    if leave:
        told = ngettext("%(num)s désinscription effectuée.", "%(num)s désinscriptions effectuées.", done)
    else:
        told = ngettext("%(num)s demande refusée.", "%(num)s demandes refusées.", done)
    flash(told if done else _("Aucune modification : cochez au moins une demande en attente."))
    return redirect(url_for("inbox.stops"), 303)


blueprint.add_app_template_global(held_stops)
