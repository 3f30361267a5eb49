"""Incidents: what is wrong now, what was, and for how long."""

from datetime import timedelta

from flask import render_template
from flask_babel import format_timedelta
from flask_babel import gettext as _

from console.web.acting import actor
from console.web.page_header import link
from console.web.pages import Pages, Served
from console.web.roles import can
from db.engine.clock import utc_now
from db.modems.budgets import number_of
from db.operations.incidents import IncidentCard, incidents, open_incidents
from db.people.accounts.accounts import unmailed
from plp.services.machine import mark_opened

blueprint = Pages("incidents", "/incidents")
# For `incidents/strip.html`, on the pages of those who look after the box; queried only where it is shown.
blueprint.add_app_template_global(open_incidents)

SHOWN = 200


@blueprint.get("", may="see_modems")
def all_incidents() -> Served:
    mark_opened("incident", None, actor(), utc_now())
    return render_template(
        "hardware/incidents/incidents.html",
        over=[card for card in incidents(SHOWN) if card.ended_at is not None],
        unmailed=unmailed() if can("hear_alarms") else [],
        shown=SHOWN,
        lasting=_lasting(),
    )


@blueprint.get("/live", may="see_modems", live=True)
def lasting_incidents() -> str:
    return render_template("hardware/incidents/lasting.html", lasting=_lasting())


def _lasting() -> list[IncidentCard]:
    """The open incidents, first what stops everything."""
    return sorted(open_incidents(), key=lambda card: card.kind != "no_modem")


@blueprint.app_template_global("place_of_incident")
def _place(card: IncidentCard) -> tuple[str | None, str]:
    """The address of the page where it is solved, None where the reader may not open it, and its name."""
    host_or_imsi, name, *_storage = f"{card.subject}/".split("/")
    if card.kind in ("modem", "proof", "storage") and name:
        return link("modems.modem", host=host_or_imsi, name=name), _("Modem %(name)s", name=name)
    if card.kind in ("budget", "budget_near"):
        number = number_of(host_or_imsi)
        limits = link("sims.limits", number=number) if number is not None else None
        return (limits, _("Modifier les plafonds")) if limits else (link("sims.sims"), _("Cartes SIM"))
    if card.kind == "queue":
        return link("queue.parts"), _("File d'attente")
    return link("modems.modems") if card.kind in ("no_modem", "modem", "twins", "filtered") else None, _("Modems")


@blueprint.app_template_global("incident_lasted")
def lasted(card: IncidentCard) -> str:
    """The duration in words: 25 minutes, 3 heures."""
    span = max((card.ended_at or utc_now()) - card.opened_at, timedelta(minutes=1))
    return str(format_timedelta(span, granularity="minute", threshold=1.5))
