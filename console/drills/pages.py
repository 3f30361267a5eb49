"""Drills: written, previewed, and sent by typing a word that no alert wants; at a date; and past ones' reports."""

from dataclasses import replace
from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from console.alerts.blueprint import broadcast_at
from console.alerts.writing.composing import changed
from console.alerts.writing.confirming import confirm_values, first_look, send_draft
from console.alerts.writing.counter import Measure, measured
from console.alerts.writing.draft import Draft, Whom, draft_like, typed_others, typed_quiet
from console.alerts.writing.places import typed_names, typed_places
from console.web import form_fields
from console.web.acting import actor, done
from console.web.pages import Pages, Served
from db.alerts.incidents.thread_cards import thread_cards
from db.alerts.planned import GRACE, DatedOrder, drill_group, last_drill_at, planned
from db.alerts.progress.history import Search, history
from db.alerts.progress.progress import Progress, recipients
from db.alerts.progress.report import left_out, times
from db.alerts.templates import template, wordings
from db.engine.clock import utc_now
from plp.services.drills import plan_drill, stop_planned
from plp.services.texts import judged
from rules.orders.agreement import DRILL_PEOPLE
from rules.orders.texts import DRILL_WORDS, MAIN_LANGUAGE
from rules.orders.warning import framed

blueprint = Pages("drills", "/drills")

SHOWN = 30
DRILL_WORD = DRILL_WORDS[MAIN_LANGUAGE]
_CHOICES: dict[str, Whom] = {"group": "group", "some": "some", "all": "all"}


@blueprint.get("", may="see_alerts")
def drills() -> Served:
    now, last = utc_now(), last_drill_at()
    past = history(Search(kind="drill"), now, per_page=SHOWN).rows
    threads = thread_cards(past, now)
    return render_template(
        "drills/drills.html",
        last=last,
        days=max(0, (now - last).days) if last else None,
        threads=[threads[card.id] for card in past],
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


def drill_like(earlier: Progress) -> Draft:
    """A new form with the texts and people of an earlier drill, or the texts of an alert that is to be practised."""
    draft = draft_like(earlier)
    return draft if earlier.drill and draft.whom else _new(draft.text, draft.others)


def drill_of_template(template_id: int) -> Draft | None:
    """A new form with a ready-made drill's texts, which name the zone as its alerts do; None for an unknown one."""
    card = template(template_id)
    if card is None:
        return None
    words = wordings()
    texts = {name: framed(text, replace(words[name], closing="")) for name, text in card.texts.items()}
    return _new(texts.pop(MAIN_LANGUAGE), tuple(texts.items()))


def typed_drill() -> Draft:
    """The drill in the form that was posted."""
    form = request.form
    return Draft(
        text=form_fields.text("text"),
        # From an alert that turned out to be a drill: its people were chosen for an alert.
        whom=_usual() if form.get("do") == "drill" else _CHOICES.get(form.get("audience", ""), ""),
        neighbourhoods=typed_places(),
        groups=typed_names("group"),
        drill=True,
        nonce=form_fields.typed_nonce(),
        others=typed_others(),
        one_language=form_fields.ticked("one_language"),
        quiet=typed_quiet(),
    )


def _new(text: str, others: tuple[tuple[str, str], ...] = ()) -> Draft:
    return Draft(text, _usual(), (), True, form_fields.new_nonce(), others)


def _usual() -> Whom:
    """The usual choice: the drill group; nothing while it is empty, because a drill to nobody would be refused."""
    return "group" if any(card.mobile for card in drill_group()) else ""


@blueprint.get("/new", may="send_alerts")
def compose() -> Served:
    """An empty form, the text of an earlier broadcast (`?from=12`), or a ready-made one (`?template=3`)."""
    earlier, ready_made = form_fields.number("from"), form_fields.number("template")
    if ready_made is not None:
        return _compose_page(drill_of_template(ready_made) or abort(404))
    return _compose_page(drill_like(broadcast_at(earlier)) if earlier else _new(""))


@blueprint.post("/new", may="send_alerts")
def compose_again() -> Served:
    return _compose_page(changed(typed_drill(), request.form.get("do", "")))


@blueprint.post("/measure", may="send_alerts")
def measure() -> Served:
    draft = typed_drill()
    return render_template("alerts/measured.html", **_live(draft, measured(draft, utc_now())))


@blueprint.get("/confirm", may="send_alerts")
@blueprint.get("/send", may="send_alerts")
def confirm_needs_a_text() -> Served:
    return redirect(url_for("drills.compose"))


@blueprint.post("/confirm", may="send_alerts")
def confirm() -> Served:
    return first_look(typed_drill(), _confirm_page, _compose_page)


@blueprint.post("/send", may="send_alerts")
def send() -> Served:
    """Send, when the word was typed. The same form twice leads to the same drill."""
    return send_draft(typed_drill(), _confirm_page, _compose_page)


def _live(draft: Draft, counted: Measure) -> dict[str, object]:
    return {
        "draft": draft,
        "measure": counted,
        "findings": judged(draft.texts, draft.drill) if draft.text else (),
    }


def _compose_page(draft: Draft, sentence: str = "") -> str:
    group, counted = drill_group(), measured(draft, utc_now())
    return render_template(
        "drills/compose.html",
        **_live(draft, counted),
        open_languages=[missing.language for missing in counted.missing],
        reachable=len({card.mobile for card in group if card.mobile}),
        names=[card.name for card in group if card.mobile],
        sentence=sentence,
        word=DRILL_WORD,
        words=wordings()[MAIN_LANGUAGE],
    )


def _confirm_page(draft: Draft, sentence: str = "", ask: str = "") -> str:
    values = confirm_values(draft, sentence, ask)
    many = values["outlook"]["size"].people > DRILL_PEOPLE
    return render_template("drills/confirm.html", **values, many=many, word=DRILL_WORD)
