"""Texts with a word of alarm, on every page of an officer until one says « Je m'en occupe »."""

from datetime import datetime

from flask import Blueprint, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.formats import clock, day, moment
from console.web.acting import actor
from console.web.page_header import page_header
from console.web.roles import may_open, roles
from db.engine.clock import utc_now
from db.inbound.replies.waiting import RingingText, ringing, take_ringing

blueprint = Blueprint("ringing", __name__, url_prefix="/ringing")


@blueprint.app_template_global()
def ringing_texts() -> list[RingingText]:
    """Ringing texts for the signed-in person, queried once per request; none while the database does not answer."""
    if "ringing" not in g:
        g.ringing = ringing(utc_now()) if page_header().zone and may_open("ringing.take") else []
    found: list[RingingText] = g.ringing
    return found


@blueprint.app_template_filter("rang")
def rang(at: datetime) -> str:
    """The time of a text; with its date when it did not come today."""
    return clock(at) if day(at) == day(utc_now()) else moment(at)


@blueprint.post("/<int:inbound_id>/take")
@roles("officer")
def take(inbound_id: int) -> ResponseReturnValue:
    """Take charge of a text; a second person is told that somebody did so already."""
    if take_ringing(inbound_id, actor(), utc_now()):
        flash(_("Vous traitez ce message : la sonnerie est arrêtée pour tous."))
    else:
        flash(_("Un collègue traite déjà ce message."))
    return redirect(url_for("inbox.thread", channel="sms", number=inbound_id, _anchor=f"text-{inbound_id}"), 303)
