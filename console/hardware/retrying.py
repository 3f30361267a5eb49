"""« Réessayer maintenant »: a try at once of the modems that wait, and the time until they try by themselves."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from console.hardware.blueprint import blueprint
from console.i18n.labels import clock
from console.web.acting import actor, attempt
from console.web.page_header import page_header
from console.web.pages import Served
from console.web.roles import may_open
from console.web.session import own_page
from db.engine.clock import utc_now
from plp.services import modems

# Longer than this nobody counts seconds.
_COUNTED_S = 120


@dataclass(frozen=True, slots=True)
class Waiting:
    """The words about the next try; `may_ask`: this person may ask for one now."""

    words: str
    may_ask: bool


@blueprint.post("/try", may="retry_modems")
def try_now() -> Served:
    """Ask all modems that wait, then the page on which the button stands."""
    number = attempt(lambda: modems.try_now(actor(), utc_now()))
    if number is not None:
        flash(ngettext("Nouvel essai demandé à %(num)s modem.", "Nouvel essai demandé à %(num)s modems.", number))
    return redirect(own_page(request.form.get("next")) or url_for("modems.modems"), 303)


@blueprint.app_template_global()
def next_try() -> Waiting | None:
    """The next try of the modems; None where one sends, or nothing is known of any."""
    ready, now = page_header().readiness, utc_now()
    if ready is None or ready.ready:
        return None
    asked_at = modems.tried_at(now)
    if asked_at is not None:
        return Waiting(_("Essai demandé à %(time)s.", time=clock(asked_at)), may_ask=False)
    may_ask = may_open("modems.try_now", "POST") and bool(modems.waiting_modems(now))
    tries = [modem.next_try_at for modem in ready.modems if modem.next_try_at is not None]
    if not tries:
        return Waiting("", may_ask)
    left_s = int((min(tries) - now).total_seconds())
    if left_s <= 0:
        return Waiting(_("Nouvel essai en cours."), may_ask)
    if left_s < _COUNTED_S:
        words = ngettext("Nouvel essai dans %(num)s seconde.", "Nouvel essai dans %(num)s secondes.", left_s)
    else:
        minutes = left_s // 60
        words = ngettext("Nouvel essai dans %(num)s minute.", "Nouvel essai dans %(num)s minutes.", minutes)
    return Waiting(str(words), may_ask)
