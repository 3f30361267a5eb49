"""The AT transcript of a modem, to be read by whoever helps: asked of its daemon, waited for, downloaded."""

import re
from datetime import timedelta
from typing import Literal

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime

from console.hardware.blueprint import back_to, blueprint, found, technician
from console.hardware.modem_view import ModemView
from console.web import form_fields
from console.web.acting import actor, attempt, page_or_part
from db.engine.clock import utc_now
from db.modems.commands import Transcript, ask, is_done, saved_transcript
from plp.services.modems import require_service

POLL_S = 1
# A daemon looks at its requests each second, but not while a submit is under way.
PATIENCE = 30
# What is saved is there a moment after the request is done.
SETTLED = 3
FRESH = timedelta(minutes=1)

# waiting  the daemon has not done it yet · ready  it is there · nothing  no line was ever exchanged
# silent   nobody does it · down  the daemon does not run
Outcome = Literal["waiting", "ready", "nothing", "silent", "down"]


@blueprint.post("/<host>/<name>/transcript")
@technician
def ask_transcript(host: str, name: str) -> ResponseReturnValue:
    view = found(host, name)

    def order() -> int:
        require_service(view.card)
        return ask(host, name, "transcript", actor(), utc_now())

    number = attempt(order)
    if number is None:
        return back_to(view)
    return redirect(url_for("modems.transcript", host=host, name=name, request=number), 303)


@blueprint.get("/<host>/<name>/transcript")
@blueprint.get("/<host>/<name>/transcript/live", endpoint="transcript_live")
@technician
def transcript(host: str, name: str) -> ResponseReturnValue:
    """The part that changes comes without its trigger once there is nothing to wait for."""
    view = found(host, name)
    request, tries = form_fields.number("request"), form_fields.number("tries", 0) or 0
    saved = saved_transcript(host, name)
    nothing_asked: Outcome = "ready" if saved else "nothing"
    return render_template(
        page_or_part("hardware/modems/transcript.html", "hardware/modems/waiting.html"),
        view=view,
        outcome=nothing_asked if request is None else _outcome(view, request, tries, saved),
        saved=saved,
        next_look={"host": host, "name": name, "request": request, "tries": tries + 1},
        poll_s=POLL_S,
    )


@blueprint.get("/<host>/<name>/transcript/file")
@technician
def transcript_file(host: str, name: str) -> ResponseReturnValue:
    saved = saved_transcript(host, name) or abort(404)
    answer = Response(saved.lines, content_type="text/plain; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=file_name(saved))
    return answer


def file_name(saved: Transcript) -> str:
    """plp-modem-a-2026-11-24-2140.txt, in the zone's time."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", saved.modem)[:60]
    return f"plp-modem-{name}-{format_datetime(saved.saved_at, 'yyyy-MM-dd-HHmm')}.txt"


def _outcome(view: ModemView, request: int, tries: int, saved: Transcript | None) -> Outcome:
    if is_done(request):
        if saved is not None and utc_now() - saved.saved_at < FRESH:
            return "ready"
        return "waiting" if tries < SETTLED else "nothing"
    if not view.card.alive:
        return "down"
    return "waiting" if tries < PATIENCE else "silent"
