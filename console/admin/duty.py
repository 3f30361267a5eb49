"""The duty roster: who is called when something needs a person. The admin keeps it."""

import re
from contextlib import suppress
from datetime import date, datetime

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.labels import labels, toned
from console.web import form_fields
from console.web.acting import actor, done, form_page
from console.web.page_header import with_header
from console.web.roles import may, may_open
from db.engine.clock import utc_now
from db.operations.summons import About, SummonsCard, recent_summonses
from db.people.accounts.accounts import TOLD_ROLES, accounts
from db.people.duty import on_duty, roster, stand_ins
from plp.services.accounts.duty import DAY_MINUTES, DutyDraft, delete_shift, save_shift
from rules.refusals import Refusal

blueprint = Blueprint("duty", __name__, url_prefix="/duty")

WEEKDAYS = labels("weekdays")
CALL_STATES, SUMMONS_KINDS = toned("call_states"), labels("summons_kinds")
_TIME = re.compile(r"([01]?\d|2[0-4])[:hH.]([0-5]\d)")


@blueprint.get("")
@may("see_duty")
def duty() -> ResponseReturnValue:
    return _page()


@blueprint.post("/add")
@may("edit_duty")
def add_now() -> ResponseReturnValue:
    def save() -> ResponseReturnValue:
        save_shift(_draft(), actor(), utc_now())
        return done(_("Garde enregistrée."), "duty.duty")

    return form_page(_page, save)


@blueprint.post("/<int:shift_id>/delete")
@may("edit_duty")
def delete_now(shift_id: int) -> ResponseReturnValue:
    delete_shift(shift_id, actor(), utc_now())
    return done(_("La garde est retirée du tableau."), "duty.duty")


@blueprint.get("/calls")
@may("see_duty")
@with_header
def calls() -> str:
    """The live part of the page: the calls under way, and those of the last hours."""
    return render_template("admin/duty/live.html")


@blueprint.app_template_global()
def summonses(*kinds: About) -> list[SummonsCard]:
    """The summonses of these kinds to show, newest first; queried once per request."""
    if "summonses" not in g:
        g.summonses = recent_summonses(utc_now()) if may_open("duty.duty") else []
    found: list[SummonsCard] = g.summonses
    return [card for card in found if card.kind in kinds]


blueprint.add_app_template_global(CALL_STATES, "CALL_STATES")  # type: ignore[arg-type]
blueprint.add_app_template_global(labels("ring_states"), "RING_STATES")  # type: ignore[arg-type]
blueprint.add_app_template_global(SUMMONS_KINDS, "SUMMONS_KINDS")  # type: ignore[arg-type]


@blueprint.app_template_filter("time_of_day")
def time_of_day(minute: int) -> str:
    """`18:00`, from minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


@blueprint.app_template_filter("iso_day")
def iso_day(stored: str) -> str:
    """`24/11/2026`, from `2026-11-24`."""
    return f"{date.fromisoformat(stored):%d/%m/%Y}"


@blueprint.app_template_filter("weekdays")
def weekdays(days: str) -> str:
    """« lun. – ven. » for days in a row, else each of them."""
    in_a_row = len(days) > 2 and days in "1234567"
    return (" – " if in_a_row else ", ").join(str(WEEKDAYS[day]) for day in ((days[0], days[-1]) if in_a_row else days))


def _page(sentence: str = "") -> str:
    now = utc_now()
    able = [(card.id, card.name) for card in accounts() if card.active and card.mobile]
    return render_template(
        "admin/duty/duty.html",
        shifts=roster(),
        there=on_duty(now),
        others=stand_ins(TOLD_ROLES),
        people=able if may_open("duty.add_now") else [],
        weekdays=WEEKDAYS,
        form=form_fields.typed(),
        ticked=request.form.getlist("days") or (["1", "2", "3", "4", "5", "6", "7"] if not request.form else []),
        sentence=sentence,
    )


def _draft() -> DutyDraft:
    return DutyDraft(
        account_id=form_fields.number("account", 0) or 0,
        days=frozenset(int(day) for day in request.form.getlist("days") if day in WEEKDAYS),
        from_minute=_minutes(form_fields.line("from")),
        until_minute=_minutes(form_fields.line("until")),
        first_day=_day(form_fields.line("first_day")),
        last_day=_day(form_fields.line("last_day")),
        turn=form_fields.number("turn", 1) or 1,
    )


def _minutes(typed: str) -> int:
    """Minutes since midnight of `18:00` or `18h00`; more than a day for a text that is no time."""
    found = _TIME.fullmatch(typed)
    return int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1


def _day(typed: str) -> date | None:
    """A date as a browser gives it, or as people write it. Raises Refusal for what is none."""
    if not typed:
        return None
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        with suppress(ValueError):
            return datetime.strptime(typed, pattern).date()  # noqa: DTZ007 - a day has no zone
    raise Refusal("« {day} » n'est pas une date : écrivez par exemple 24/11/2026.", day=typed[:20])
