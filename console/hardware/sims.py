"""Budgets per SIM card: what operators count, what is left, and the limits that a technician sets."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.labels import labels
from console.web import form_fields
from console.web.acting import FORM, actor, form_page
from console.web.roles import may
from db.engine.clock import utc_now
from db.modems.budgets import board, budget_of
from plp.services.modems import set_limits
from rules.calendar import local_date
from rules.numbers import half_masked
from rules.orders.budgets import PRESETS, Limits, Passed
from rules.refusals import Refusal

blueprint = Blueprint("sims", __name__, url_prefix="/sims")
blueprint.add_app_template_global(half_masked)

KINDS = labels("budgets")
FIELDS = ("day", "month", "recipients")


@blueprint.get("/")
@may("see_modems")
def sims() -> ResponseReturnValue:
    return render_template("hardware/sims/sims.html", cards=board(utc_now()), kinds=KINDS)


@blueprint.route("/<int:number>", methods=FORM)
@may("run_modems")
def limits(number: int) -> ResponseReturnValue:
    """Limits of one's own, an operator's, or config.ini's again."""
    card = budget_of(number, utc_now()) or abort(404)

    def change() -> ResponseReturnValue:
        wanted = request.form.get("preset", "")
        if request.form.get("do") == "clear":
            set_limits(card.imsi, None, actor(), utc_now())
        elif wanted:
            chosen = next((preset for preset in PRESETS if preset.key == wanted), None)
            set_limits(card.imsi, chosen.limits if chosen else abort(400), actor(), utc_now())
        else:
            set_limits(card.imsi, _typed(), actor(), utc_now())
        flash(_("Plafonds enregistrés pour la carte du modem %(name)s.", name=card.modem))
        return redirect(url_for("sims.sims"), 303)

    def show(sentence: str) -> str:
        today = local_date(utc_now())
        return render_template("hardware/sims/limits.html", card=card, presets=PRESETS, today=today, sentence=sentence)

    return form_page(show, change)


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
