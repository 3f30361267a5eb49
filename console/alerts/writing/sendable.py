"""The live part of the confirm page: whether it can be sent now, and when the last phone would have it."""

from datetime import timedelta

from flask import render_template

from console.alerts.blueprint import blueprint
from console.web import form_fields
from console.web.page_header import with_header
from console.web.roles import may
from db.engine.clock import utc_now
from db.modems.forecast import forecast


@blueprint.get("/sendable")
@may("send_alerts")
@with_header
def sendable() -> str:
    """Of `parts` SMS that would begin to leave after `undo` seconds; a drill's wait behind those of alerts."""
    parts, undo_s, drill = (
        form_fields.number("parts", 0),
        form_fields.number("undo", 0),
        form_fields.line("drill") == "yes",
    )
    now = utc_now()
    ahead = forecast(parts or 0, now, now + timedelta(seconds=undo_s or 0), urgent=not drill)
    values = {"parts": parts, "undo_s": undo_s, "drill": drill, "forecast": ahead}
    return render_template("alerts/sendable.html", **values) + render_template(
        "alerts/when.html", **values, beside=True
    )
