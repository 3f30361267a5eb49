"""A technician's requests to a modem's daemon, the SIM that only a person may accept, the findings of the doctor, and
the AT transcript for support.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from console.hardware.blueprint import back_to, blueprint, view_at
from console.i18n.labels import labels
from console.web import form_fields
from console.web.acting import FORM, actor, attempt, settings
from console.web.roles import may
from db.alerts.queue.listing import message_of
from db.engine.clock import utc_now
from db.modems.commands import answer_to, open_requests
from db.modems.readiness import live_hosts
from db.modems.status import ModemCard, modem_cards
from plp.services import modems
from plp.services.orders import automatic
from rules.sentences import stored_sentence

REQUESTED = labels("modem_requested")
# What is answered on that part of the modem's page.
_CHECKS = ("doctor", "transcript", "ussd")
_VERBS: tuple[modems.Verb, ...] = ("resume", "suspend", "doctor", "transcript")


@blueprint.post("/<host>/<name>/accept")
@may("run_modems")
def accept_sim(host: str, name: str) -> ResponseReturnValue:
    seen = form_fields.number("card")
    done = _("Carte autorisée : le modem %(name)s envoie dès qu'il a le réseau.", name=name)
    return _answer(host, name, done, lambda card: modems.accept_card(card, seen, actor(), utc_now()))


@blueprint.post("/<host>/<name>/resume", endpoint="resume")
@blueprint.post("/<host>/<name>/suspend", endpoint="suspend")
@blueprint.post("/<host>/<name>/doctor", endpoint="ask_doctor")
@blueprint.post("/<host>/<name>/transcript", endpoint="ask_transcript")
@may("run_modems")
def ask_modem(host: str, name: str) -> ResponseReturnValue:
    """A request that has at most a reason, by the verb at the end of its address."""
    verb = next(verb for verb in _VERBS if request.path.endswith(f"/{verb}"))
    reason, done = form_fields.reason("reason"), str(REQUESTED.get(verb, "")) % {"name": name}
    return _answer(host, name, done, lambda card: modems.request(card, verb, actor(), utc_now(), reason))


@blueprint.route("/<host>/<name>/restart", methods=FORM)
@may("run_modems")
def restart(host: str, name: str) -> ResponseReturnValue:
    """The effects of a restart, shown before it is requested."""
    if request.method != "POST":
        return render_template("hardware/modems/restart.html", view=view_at(host, name))
    done = _("Le modem %(name)s redémarre (une minute au plus).", name=name)
    return _answer(host, name, done, lambda card: modems.request(card, "restart", actor(), utc_now()))


@blueprint.post("/<host>/<name>/pin")
@may("run_modems")
def enter_pin(host: str, name: str) -> ResponseReturnValue:
    pin = form_fields.secret("pin")
    done = _("Le code sera essayé une seule fois, dans quelques secondes.")
    return _answer(host, name, done, lambda card: modems.enter_pin(card, pin, settings().host, actor(), utc_now()))


@blueprint.post("/<host>/<name>/test")
@may("run_modems")
def test(host: str, name: str) -> ResponseReturnValue:
    """One SMS now, then its page, which shows the result."""
    view, duty_phone = view_at(host, name), settings().sending.duty_phone
    message = attempt(lambda: message_of(automatic.send_test(view.card, duty_phone, actor(), utc_now())))
    return back_to(view) if message is None else redirect(url_for("queue.message", message_id=message), 303)


@blueprint.post("/<host>/<name>/ussd")
@may("run_modems")
def ask_ussd(host: str, name: str) -> ResponseReturnValue:
    code = form_fields.line("code", 30)
    done = _("Code envoyé : la réponse de l'opérateur s'affiche ici dans les 15 secondes.")
    return _answer(host, name, done, lambda card: modems.ask_balance(card, code, actor(), utc_now()))


@blueprint.post("/<host>/<name>/label")
@may("run_modems")
def rename(host: str, name: str) -> ResponseReturnValue:
    label = form_fields.line("label", 80)
    return _answer(host, name, _("Nom enregistré."), lambda card: modems.rename(card, label, actor(), utc_now()))


def _answer(host: str, name: str, done: str, act: Callable[[ModemCard], object]) -> ResponseReturnValue:
    """Act on the modem of an address and show `done`, or the refusal; then its page."""
    view = view_at(host, name)
    attempt(lambda: act(view.card), done)
    return back_to(view, "checks" if request.path.rpartition("/")[2] in _CHECKS else None)


def diagnosis(host: str, modem: str) -> dict[str, Any]:
    """The doctor's newest findings about this modem; about all of the host where `modem` is empty. `at` is None if it
    never ran; `waits`: it is running; `failed`: it could not run. `report` is as `modem.doctor.report.stored_shape`
    made it, its sentences read; empty when the modem was absent.
    """
    answer = answer_to(host, modem, "doctor")
    report = json.loads(answer.text) if answer and answer.text else {}
    for finding in report.get("findings", ()):
        finding.update({part: stored_sentence(finding[part]) for part in ("title", "meaning", "advice")})
    return {
        "host": host,
        "at": answer.answered_at if answer else None,
        "waits": any(request.verb == "doctor" for request in open_requests(host, modem)),
        "failed": answer is not None and answer.state == "silent",
        "report": report,
    }


@blueprint.get("/doctor")
@may("see_diagnoses")
def doctor() -> ResponseReturnValue:
    """All modems of every host."""
    now = utc_now()
    hosts = sorted({card.host for card in modem_cards(now)} | set(live_hosts(now)))
    return render_template("hardware/modems/doctor.html", diagnoses=[diagnosis(host, "") for host in hosts])


@blueprint.post("/doctor")
@may("run_modems")
def ask_doctors() -> ResponseReturnValue:
    attempt(lambda: modems.examine_all(actor(), utc_now()))
    return redirect(url_for("modems.doctor"), 303)


@blueprint.get("/<host>/<name>/transcript/file")
@may("run_modems")
def transcript_file(host: str, name: str) -> ResponseReturnValue:
    saved = answer_to(host, name, "transcript") or abort(404)
    answer = Response(saved.text, content_type="text/plain; charset=utf-8")
    modem = re.sub(r"[^A-Za-z0-9_.-]+", "-", saved.modem)[:60]
    at = format_datetime(saved.answered_at, "yyyy-MM-dd-HHmm")  # in the zone's time
    answer.headers.set("Content-Disposition", "inline", filename=f"plp-modem-{modem}-{at}.txt")
    return answer
