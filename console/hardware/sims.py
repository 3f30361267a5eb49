"""SIM cards: their budgets, and the limits that a technician sets."""

from flask import abort, render_template, request
from flask_babel import gettext as _

from console.i18n.labels import labels
from console.web import form_fields
from console.web.acting import actor, done
from console.web.pages import Pages, Served
from db.engine.clock import utc_now
from db.modems.budgets import board, budget_of
from plp.services.modems import set_limits
from rules.calendar import local_date
from rules.numbers import half_masked
from rules.orders.budgets import PRESETS, Limits, Passed
from rules.refusals import Refusal

blueprint = Pages("sims", "/sims")
blueprint.add_app_template_global(half_masked)
KINDS = labels("budgets")
FIELDS = ("day", "month", "recipients")


@blueprint.get("/", may="see_modems")
def sims() -> Served:
    return render_template("hardware/sims/sims.html", cards=board(utc_now()))


def _limits_page(number: int) -> str:
    card = budget_of(number, utc_now()) or abort(404)
    return render_template("hardware/sims/limits.html", card=card, presets=PRESETS, today=local_date(utc_now()))


@blueprint.form("/<int:number>", _limits_page, may="run_modems")
def limits(number: int) -> Served:
    """Limits of one's own, an operator's, or config.ini's again."""
    card, wanted = budget_of(number, utc_now()) or abort(404), request.form.get("preset", "")
    limits: Limits | None = None
    if request.form.get("do") != "clear":
        presets = {preset.key: preset.limits for preset in PRESETS}
        limits = (presets.get(wanted) or abort(400)) if wanted else _typed()
    set_limits(card.imsi, limits, actor(), utc_now())
    return done(_("Plafonds enregistrés pour la carte du modem %(name)s.", name=card.modem), "sims.sims")


@blueprint.app_template_global()
def budget_words(budget: Passed) -> str:
    """A budget after an order, in words for the person who sends it."""
    values = {"name": budget.modem, "total": budget.total, "what": KINDS[budget.kind], "limit": budget.limit}
    if budget.excess:
        words = _("La carte du modem %(name)s passerait à %(total)s %(what)s ; son plafond est de %(limit)s.", **values)
    else:
        words = _("La carte du modem %(name)s atteindra %(total)s %(what)s, sur %(limit)s.", **values)
    return str(words)


def _typed() -> Limits:
    """The typed limits; an empty field is no limit."""
    typed = [form_fields.number(name, -1 if form_fields.line(name) else 0) or 0 for name in FIELDS]
    if min(typed) < 0:
        raise Refusal(_("Un plafond est un nombre entier. Vide : aucun plafond."))
    return Limits(*typed)
