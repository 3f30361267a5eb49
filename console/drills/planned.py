"""Drills that were, with a report that can be printed; and drills and bulletins at a date: planned, seen, taken
back. An alert is never planned.
"""

from datetime import UTC, date, datetime, time

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.alerts.blueprint import broadcast_at
from console.alerts.following.progress_view import counted_words
from console.alerts.writing.draft import typed_others
from console.i18n.labels import labels, toned
from console.web import form_fields
from console.web.acting import FORM, actor, done, form_page
from console.web.roles import may
from db.alerts.drills import drill_group, last_drill_at
from db.alerts.planned import GRACE, DatedOrder, planned
from db.alerts.progress.history import Search, history
from db.alerts.progress.progress import recipients
from db.alerts.progress.report import left_out, times
from db.bulletins.listing import bulletin, drafts
from db.engine.clock import utc_now
from plp.services.bulletins.sending import bulletin_findings
from plp.services.drills import plan_drill, plan_for, stop_planned
from rules.calendar import LOCAL
from rules.languages import OTHER_LANGUAGES
from rules.refusals import Refusal
from rules.states import LONGER

blueprint = Blueprint("drills", __name__, url_prefix="/drills")

SHOWN = 30


@blueprint.get("")
@may("see_alerts")
def drills() -> ResponseReturnValue:
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


@blueprint.get("/<int:broadcast_id>/report")
@may("see_alerts")
def report(broadcast_id: int) -> ResponseReturnValue:
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


@blueprint.route("/planned", methods=FORM)
@may("see_plans", "send_alerts")
def planned_dates() -> ResponseReturnValue:
    def plan() -> ResponseReturnValue:
        dated = _typed()
        (plan_drill if dated.kind == "drill" else plan_for)(dated, actor(), utc_now())
        return done(_("Envoi planifié."), "drills.planned_dates")

    return form_page(_page, plan)


@blueprint.post("/planned/<int:planned_id>/stop")
@may("send_alerts")
def unplan_now(planned_id: int) -> ResponseReturnValue:
    stop_planned(planned_id, actor(), utc_now())
    return done(_("Envoi planifié annulé."), "drills.planned_dates")


def _page(sentence: str) -> str:
    return render_template(
        "drills/planned.html",
        dates=planned(),
        drafts=[(card.id, card.texts[0].title) for card in drafts() if card.texts and card.category != LONGER],
        states=toned("planned_states"),
        kinds=labels("planned_kinds"),
        grace=round(GRACE.total_seconds() / 60),
        form=form_fields.typed(),
        other_languages=OTHER_LANGUAGES,
        open_languages=(),
        draft={"texts": dict(typed_others())},
        sentence=sentence,
    )


def _typed() -> DatedOrder:
    """The date that was typed, of a bulletin checked as it will be then. Raises Refusal."""
    due_at = _moment(form_fields.line("day"), form_fields.line("hour"))
    if form_fields.line("kind") == "bulletin":
        card = bulletin(form_fields.number("bulletin", 0) or 0)
        if card is None or card.sent_at is not None or card.category == LONGER:
            raise Refusal("Ce brouillon n'existe plus.")
        if bulletin_findings(card):
            raise Refusal(
                "Ce bulletin contient des points à confirmer et ne peut pas être planifié. Envoyez-le vous-même."
            )
        return DatedOrder("bulletin", due_at, bulletin_id=card.id, seen=card.seen)
    monthly = form_fields.ticked("monthly")
    return DatedOrder("drill", due_at, monthly, form_fields.line("text", 600), others=typed_others())


def _moment(day: str, hour: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour), LOCAL).astimezone(UTC)
    except ValueError:
        raise Refusal("Donnez la date et l'heure, par exemple 24/11/2026 et 10:00.") from None
