"""Drills that were, with a report to print; drills at a date. An alert is never planned."""

from datetime import datetime

from flask import abort, render_template
from flask_babel import gettext as _

from console.alerts.blueprint import broadcast_at
from console.alerts.following.progress_view import counted_words
from console.alerts.writing.draft import typed_others
from console.web import form_fields
from console.web.acting import actor, done
from console.web.pages import Pages, Served
from db.alerts.planned import GRACE, DatedOrder, drill_group, last_drill_at, planned
from db.alerts.progress.history import Search, history
from db.alerts.progress.progress import recipients
from db.alerts.progress.report import left_out, times
from db.engine.clock import utc_now
from plp.services.drills import plan_drill, stop_planned
from rules.languages import OTHER_LANGUAGES

blueprint = Pages("drills", "/drills")

SHOWN = 30


@blueprint.get("", may="see_alerts")
def drills() -> Served:
    """The page of drills: time since the last one, and the earlier ones."""
    now, last = utc_now(), last_drill_at()
    cards = history(Search(kind="drill"), now, per_page=SHOWN).rows
    return render_template(
        "drills/drills.html",
        last=last,
        days=max(0, (now - last).days) if last else None,
        accounts=[(card, counted_words(card)) for card in cards],
        group=[card for card in drill_group() if card.mobile],
    )


@blueprint.get("/<int:broadcast_id>/report", may="see_alerts")
def report(broadcast_id: int) -> Served:
    """The report of a drill: first SMS, last SMS, delivery reports, and who did not get it, or may not have."""
    shown = broadcast_at(broadcast_id)
    if shown.kind != "drill" or shown.state == "preparing":
        abort(404)
    begun_at, at = shown.release_at or shown.created_at, times(broadcast_id)
    return render_template(
        "drills/report.html",
        progress=shown,
        begun_at=begun_at,
        first_sent_s=_since(begun_at, at.first_sent_at),
        last_sent_s=_since(begun_at, at.last_sent_at),
        last_report_s=_since(begun_at, at.last_delivered_at),
        missed=[person for person in recipients(broadcast_id).rows if person.state != "delivered"],
        left_out=left_out(broadcast_id),
    )


def _since(begun_at: datetime, at: datetime | None) -> float | None:
    """Seconds since it could go out; None for what was not (yet)."""
    return max(0.0, (at - begun_at).total_seconds()) if at is not None else None


def _planned_page() -> str:
    return render_template(
        "drills/planned.html",
        dates=planned(),
        grace=round(GRACE.total_seconds() / 60),
        form=form_fields.typed(),
        other_languages=OTHER_LANGUAGES,
        open_languages=(),
        draft={"texts": dict(typed_others())},
    )


@blueprint.form("/planned", _planned_page, may="see_plans", change="send_alerts")
def planned_dates() -> Served:
    due_at, monthly = form_fields.moment("day", "hour"), form_fields.ticked("monthly")
    order = DatedOrder("drill", due_at, monthly, form_fields.line("text", 600), others=typed_others())
    plan_drill(order, actor(), utc_now())
    return done(_("Envoi planifié."), "drills.planned_dates")


@blueprint.post("/planned/<int:planned_id>/stop", may="send_alerts")
def unplan_now(planned_id: int) -> Served:
    stop_planned(planned_id, actor(), utc_now())
    return done(_("Envoi planifié annulé."), "drills.planned_dates")
