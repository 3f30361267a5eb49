"""Live parts of the pages that send: whether it can be sent now, and when the last phone would have it."""

from datetime import timedelta

from flask import render_template

from console.alerts.blueprint import blueprint
from console.web import form_fields
from console.web.pages import Served
from db.engine.clock import utc_now
from db.modems.forecast import forecast


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
