"""The modems and what waits, then one in full with its record; requests to its daemon, the doctor, the transcript."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _

from console.hardware.blueprint import BAR_STEPS_DBM, ModemView, back_to, blueprint, view_at, views
from console.hardware.history import HEIGHT, HOLDS, WIDTH, height, history, thinned
from console.i18n.labels import deed, labels, reason_words
from console.i18n.translate import said
from console.web import form_fields
from console.web.acting import actor, as_file, attempt, page_or_part, renew_page, settings
from console.web.pages import Served
from db.alerts.queue.listing import message_of
from db.engine.clock import utc_now
from db.modems.budgets import board
from db.modems.commands import answer_to, open_requests
from db.modems.proof import numbers_of_seats
from db.modems.readiness import live_hosts
from db.modems.signal_history import EVERY, Event, modem_events, samples, storages, submit_seconds
from db.modems.sims import known_cards
from db.modems.status import modem_cards, on_several_hosts, queue
from plp.services import modems as modem_services
from plp.services.orders import automatic
from rules.numbers import masked
from rules.sentences import stored_sentence

REQUESTED = labels("modem_requested")
# What is answered on that part of the modem's page.
_CHECKS = ("doctor", "transcript", "ussd")
# Those that have at most a reason.
_PLAIN_VERBS: tuple[modem_services.Verb, ...] = ("resume", "suspend", "doctor", "transcript", "restart")
_ENDPOINTS = {
    "accept": "accept_sim",
    "pin": "enter_pin",
    "ussd": "ask_ussd",
    "label": "rename",
    "resume": "resume",
    "suspend": "suspend",
    "doctor": "ask_doctor",
    "transcript": "ask_transcript",
    "restart": "restart_now",
}
# Seconds at which a new bar begins: 1-6 s are usual (docs/reference/mission.md, "Facts that shape it"); the last bars
# are of a network in trouble.
BOUNDS_S = (1, 2, 3, 5, 8, 15, 30, 60)
# The spans with the marks under their drawings, and the pattern of these.
SPANS: dict[str, tuple[timedelta, int, str]] = {
    "day": (timedelta(hours=24), 4, "HH:mm"),
    "week": (timedelta(days=7), 7, "EEE d"),
    "month": (timedelta(days=30), 5, "d MMM"),
}
# So many points at most make a line; the day has them as they were measured.
POINTS = 288
CHANGES_SHOWN = 20
CARDS_SHOWN = 10
EVENTS_SHOWN = 40


def act_on_modem(host: str, name: str) -> Served:
    """A request to a modem, by the end of its address; then its page, with the words of table `modem_requested`."""
    view, verb = view_at(host, name), request.path.rpartition("/")[2]
    card, by, now = view.card, actor(), utc_now()
    deeds: dict[str, Callable[[], object]] = {
        "accept": lambda: modem_services.accept_card(card, form_fields.number("card"), by, now),
        "pin": lambda: modem_services.enter_pin(card, form_fields.secret("pin"), settings().host, by, now),
        "ussd": lambda: modem_services.ask_balance(card, form_fields.line("code", 30), by, now),
        "label": lambda: modem_services.rename(card, form_fields.line("label", 80), by, now),
    }
    for plain in _PLAIN_VERBS:
        deeds[plain] = partial(modem_services.request, card, plain, by, now, form_fields.reason("reason"))
    attempt(deeds[verb], str(REQUESTED.get(verb, "")) % {"name": name})
    return back_to(view, "checks" if verb in _CHECKS else None)


for _verb, _endpoint in _ENDPOINTS.items():
    blueprint.post(f"/<host>/<name>/{_verb}", endpoint=_endpoint, may="run_modems")(act_on_modem)


@blueprint.get("/<host>/<name>/restart", may="run_modems")
def restart(host: str, name: str) -> str:
    """The effects of a restart, shown before it is requested."""
    return render_template("hardware/modems/restart.html", view=view_at(host, name))


@blueprint.post("/<host>/<name>/test", may="run_modems")
def test(host: str, name: str) -> Served:
    """One SMS now, then its page, which shows the result."""
    view, duty_phone = view_at(host, name), settings().sending.duty_phone
    message = attempt(lambda: message_of(automatic.send_test(view.card, duty_phone, actor(), utc_now())))
    return back_to(view) if message is None else redirect(url_for("queue.message", message_id=message), 303)


def diagnosis(host: str, modem: str) -> dict[str, Any]:
    """The doctor's newest findings about this modem; about all of the host where `modem` is empty. `at` is None if it
    never ran; `waits`: it is running; `failed`: it could not run. `report` is as `modem.doctor.report.report_shape`
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


@blueprint.get("/doctor", may="see_diagnoses")
def doctor() -> Served:
    now = utc_now()
    hosts = sorted({card.host for card in modem_cards(now)} | set(live_hosts(now)))
    return render_template("hardware/modems/doctor.html", diagnoses=[diagnosis(host, "") for host in hosts])


@blueprint.post("/doctor", may="run_modems")
def ask_doctors() -> Served:
    attempt(lambda: modem_services.examine_all(actor(), utc_now()))
    return redirect(url_for("modems.doctor"), 303)


@blueprint.get("/<host>/<name>/transcript/file", may="run_modems")
def transcript_file(host: str, name: str) -> Served:
    saved = answer_to(host, name, "transcript") or abort(404)
    modem = re.sub(r"[^A-Za-z0-9_.-]+", "-", saved.modem)[:60]
    at = format_datetime(saved.answered_at, "yyyy-MM-dd-HHmm")  # in the zone's time
    return as_file(saved.text, "text/plain", f"plp-modem-{modem}-{at}.txt", "inline")


@blueprint.get("/", may="see_modems", live=True)
@blueprint.get("/live", endpoint="live", may="see_modems", live=True)
def modems() -> str:
    template = page_or_part("hardware/modems/modems.html", "hardware/modems/live.html")
    return render_template(template, views=views(), queue=queue(), several_hosts=on_several_hosts)


@blueprint.get("/<host>/<name>", may="see_modems")
def modem(host: str, name: str) -> Served:
    view = view_at(host, name)
    return render_template(
        "hardware/modems/modem.html",
        view=view,
        diagnosis=diagnosis(host, name),
        cards=[card for card in known_cards() if (card.host, card.modem) == (host, name)][:CARDS_SHOWN],
        number=masked(number) if (number := numbers_of_seats().get(f"{host}/{name}")) else "",
        budget=next((card for card in board(utc_now()) if card.imsi == view.card.imsi), None),
        submits=histogram(submit_seconds(host, name)),
        events=[shown(event) for event in modem_events(host, name, utc_now(), EVENTS_SHOWN)],
        transcript=answer_to(host, name, "transcript"),
        **_reception(view),
    )


@blueprint.get("/<host>/<name>/live", may="see_modems", live=True)
def modem_live(host: str, name: str) -> str:
    """The live part of a modem's page: its state. Another state allows other requests, so the page is then reloaded."""
    view = view_at(host, name)
    if form_fields.line("state", 20) not in ("", view.stage):
        renew_page()
    return render_template("hardware/modems/standing.html", view=view)


def _reception(view: ModemView) -> dict[str, object]:
    until = utc_now()
    wanted = form_fields.line("span", 10)
    span = wanted if wanted in SPANS else "day"
    length, marks, pattern = SPANS[span]
    step = max(EVERY, length / POINTS)
    holds = max(HOLDS, 2 * step)
    since = until - length
    measured = samples(view.card.host, view.card.name, since - holds)
    return {
        "day": history(measured if span == "day" else thinned(measured, step), since, until, holds),
        "span": span,
        "marks": [format_datetime(since + length * mark / marks, pattern) for mark in range(marks + 1)],
        "width": WIDTH,
        "height": HEIGHT,
        "steps": [height(step) for step in BAR_STEPS_DBM],
        "changes_shown": CHANGES_SHOWN,
        "storages": storages(view.card.host, view.card.name),
    }


def histogram(seconds: Sequence[float]) -> dict[str, Any] | None:
    """Submit times: `bars` up to the last one that holds something, as (from_s, to_s, count, share of the longest bar,
    0–100), `to_s` None for no end; `median_s` and `slowest_s` of all. None without submits.
    """
    if not seconds:
        return None
    counts = [0] * (len(BOUNDS_S) + 1)
    for delay_s in seconds:
        counts[bisect_right(BOUNDS_S, delay_s)] += 1
    last = max(place for place, count in enumerate(counts) if count)
    bounds = list(zip((0, *BOUNDS_S), (*BOUNDS_S, None), strict=True))
    bars = [(*bounds[place], counts[place], round(100 * counts[place] / max(counts))) for place in range(last + 1)]
    return {"bars": bars, "count": len(seconds), "median_s": median(seconds), "slowest_s": max(seconds)}


def shown(event: Event) -> tuple[datetime, str, str, str, str]:
    """The event as a line of the page: time, words, person (perhaps empty), the code for support, tone."""
    if event.entry is not None:
        entry = deed(event.entry)
        done = f"{entry.action} {entry.subject.rpartition('/')[2]}"
        return event.at, f"{done} · {entry.detail}" if entry.detail else done, entry.actor, "", "waiting"
    if event.what == "refused":
        why = reason_words(event.code)
        code = "" if why and event.code.islower() else event.code  # our own codes are no help to anybody
        return event.at, why or _("refusé"), "", code, "doubt"
    if event.what == "began":
        return event.at, said(event.sentence), "", "", "failed"
    return event.at, _("Résolu : %(what)s", what=said(event.sentence)), "", "", "proven"
