"""The plan of an order as the confirm page shows it: people, time of the last phone, cost, objections; and its live
parts: whether it can be sent now, and when the last phone would have it."""

from datetime import datetime, timedelta
from typing import Any

from flask import render_template

from console.alerts.blueprint import blueprint
from console.i18n.translate import said
from console.people.arrival import aimed_at
from console.web import form_fields
from console.web.acting import settings
from console.web.pages import Served
from db.alerts.orders.earlier import REPEAT_WINDOW
from db.alerts.progress.history import newest
from db.alerts.progress.progress import BroadcastCard
from db.alerts.values import Plan
from db.engine.clock import utc_now
from db.mail.enqueue import mail_configured
from db.modems.budgets import passed, times_left
from db.modems.forecast import forecast
from db.people.audience import AudienceSize, mailed_beside, order_of_sending, size
from db.people.zone import policy
from plp.services.orders.planning import awake_at, expected, over_ceiling
from rules.calendar import is_night
from rules.orders.texts import most_parts


def outlook(plan: Plan, now: datetime) -> dict[str, Any]:
    """Values of the confirm page, of a plan.

    `texts` are (language, composition, readers), `parts` those of the longest; `order` are the neighbourhoods in the
    order of sending. Of the people without a mobile, `instead` get a mail; while no modem can send, `mails` people get
    one at once, `calls` are to be called, and `unknown` have no known number: they add up. `repeat` is the same text a
    few minutes ago; `budgets` are those that would be at 80 % or more afterwards, and `times_left` what those of the
    month leave then; `over_budget` and `over_ceiling` (in words): a reason will be required. `second`: another person
    must agree.
    """
    audience, readers, rules, budgets = plan.audience, plan.readers, policy(), passed(plan.shares, now)
    over, among = over_ceiling(plan, now), size(audience, plan.people, awake_at(plan.order, now))
    return {
        "texts": [(language, text, readers[language]) for language, text in plan.texts.items()],
        "parts": most_parts(plan.texts),
        "total_parts": plan.parts,
        "size": among,
        **_other_roads(plan, among),
        "order": order_of_sending(audience),
        "aimed": aimed_at(plan.people),
        "forecast": expected(plan, now),
        "undo_seconds": plan.undo_s,
        "repeat": _same_text(next(iter(plan.texts.values())).text, now),
        "quiet": plan.quiet,
        "spares_quiet": plan.order.spares_quiet,
        "night": is_night(now),
        "senders": [modem.number for modem in settings().modems if modem.number],
        "budgets": budgets,
        "times_left": times_left(plan.shares, now) if budgets else None,
        "over_ceiling": said(over) if over is not None else "",
        "over_budget": any(budget.excess for budget in budgets),
        "typed": rules.approval != "none",
        "second": bool(plan.agreement),
        "now": now,
    }


def _other_roads(plan: Plan, among: AudienceSize) -> dict[str, int]:
    """`instead`, `mails`, `calls` and `unknown` of `outlook`."""
    mailing = not plan.order.drill and mail_configured(settings().mail)
    instead, unknown = (among.mailed_instead, 0) if mailing else (0, among.numberless)
    mails = instead + mailed_beside(plan.audience, plan.people) if mailing else 0
    calls = among.people + among.without_mobile - mails - unknown
    return {"instead": instead, "mails": mails, "calls": calls, "unknown": unknown}


def _same_text(text: str, now: datetime) -> BroadcastCard | None:
    for card in newest(20, now):
        is_recent = now - card.created_at < REPEAT_WINDOW
        if card.text == text and is_recent and (card.state != "cancelled" or card.went_out):
            return card
    return None


@blueprint.get("/sendable", may="send_alerts", live=True)
def sendable() -> Served:
    """The live part about sending: whether and when `parts` SMS can be sent that begin after `undo` seconds; a drill's
    wait behind those of alerts. While no modem can send, `mails` are sent at once, `calls` people must be called, and
    `unknown` can be informed by nothing."""
    names = ("parts", "undo", "mails", "calls", "unknown")
    parts, undo_s, mails, calls, unknown = (form_fields.number(name, 0) or 0 for name in names)
    drill = form_fields.line("drill") == "yes"
    now = utc_now()
    ahead = forecast(parts, now, now + timedelta(seconds=undo_s), urgent=not drill)
    values = {"parts": parts, "undo_s": undo_s, "mails": mails, "calls": calls, "unknown": unknown, "drill": drill}
    return render_template("alerts/sendable.html", **values) + render_template(
        "alerts/when.html", **values, forecast=ahead, beside=True
    )


@blueprint.get("/ahead", may="send_alerts", live=True)
def ahead() -> Served:
    """The time at which the last phone would have `parts` urgent SMS that were ordered now."""
    parts = form_fields.number("parts", 0) or 0
    return render_template("alerts/ahead.html", parts=parts, forecast=forecast(parts, utc_now()))
