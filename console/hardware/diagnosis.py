"""The findings of the doctor: of one modem, on its page, and of all of them at once."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console.hardware.blueprint import back_to, blueprint, found, technician
from console.web.acting import actor, attempt
from db.engine.clock import utc_now
from db.modems.commands import answer_to, open_requests
from db.modems.readiness import live_hosts
from db.modems.status import modem_cards
from plp.rules.sentences import stored_sentence
from plp.services import modems


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings of the doctor of `host` at `at`, None where it never looked.

    `waits`: it looks now; `failed`: it could not. `report` is as `modem.doctor.report.stored_shape` made it, its
    sentences read; empty where the modem was not there any more.
    """

    host: str
    at: datetime | None
    waits: bool
    failed: bool
    report: dict[str, Any]


def diagnosis(host: str, modem: str) -> Diagnosis:
    """The newest of this modem; of all of the host where `modem` is empty."""
    told = answer_to(host, modem, "doctor")
    waits = any(request.verb == "doctor" for request in open_requests(host, modem))
    report = json.loads(told.text) if told and told.text else {}
    for finding in report.get("findings", ()):
        finding.update({part: stored_sentence(finding[part]) for part in ("title", "meaning", "advice")})
    failed = told is not None and told.state == "silent"
    return Diagnosis(host, told.answered_at if told else None, waits, failed, report)


@blueprint.get("/doctor")
@technician
def doctor() -> ResponseReturnValue:
    """All modems of every host."""
    now = utc_now()
    hosts = sorted({card.host for card in modem_cards(now)} | set(live_hosts(now)))
    return render_template("hardware/modems/doctor.html", found=[diagnosis(host, "") for host in hosts])


@blueprint.post("/doctor")
@technician
def ask_doctors() -> ResponseReturnValue:
    attempt(lambda: modems.examine_all(actor(), utc_now()))
    return redirect(url_for("modems.doctor"), 303)


@blueprint.post("/<host>/<name>/doctor")
@technician
def ask_doctor(host: str, name: str) -> ResponseReturnValue:
    view = found(host, name)
    attempt(lambda: modems.examine(view.card, actor(), utc_now()))
    return back_to(view)
