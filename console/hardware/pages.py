"""One card per modem and what waits, then one modem in full with its record; the live parts renew themselves."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from console.hardware import words
from console.hardware.asking import diagnosis
from console.hardware.blueprint import ModemView, blueprint, view_at, views
from console.hardware.history import HEIGHT, HOLDS, WIDTH, height, history, thinned
from console.hardware.sims import KINDS
from console.i18n.audit_labels import deed
from console.i18n.labels import reason_words
from console.i18n.translate import said
from console.web import form_fields
from console.web.acting import page_or_part, renew_page
from console.web.page_header import with_header
from console.web.roles import may
from db.engine.clock import utc_now
from db.modems.budgets import board
from db.modems.commands import answer_to
from db.modems.proof import numbers_of_seats
from db.modems.signal_history import EVERY, Event, modem_events, samples, storages, submit_seconds
from db.modems.sims import known_cards
from db.modems.status import on_several_hosts, queue
from rules.numbers import masked

# Seconds at which a new bar begins: 1-6 s are usual (docs/reference/mission.md, "Facts that shape it"); the last bars
# are of a network in trouble.
BOUNDS_S = (1, 2, 3, 5, 8, 15, 30, 60)
# Each span with the marks under its drawing, and their pattern.
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


@blueprint.get("/")
@blueprint.get("/live", endpoint="live")
@may("see_modems")
@with_header
def modems() -> str:
    template = page_or_part("hardware/modems/modems.html", "hardware/modems/live.html")
    return render_template(template, views=views(), queue=queue(), words=words, several_hosts=on_several_hosts)


@blueprint.get("/<host>/<name>")
@may("see_modems")
def modem(host: str, name: str) -> ResponseReturnValue:
    view = view_at(host, name)
    cards = [card for card in known_cards() if (card.host, card.modem) == (host, name)]
    return render_template(
        "hardware/modems/modem.html",
        view=view,
        words=words,
        diagnosis=diagnosis(host, name),
        cards=cards[:CARDS_SHOWN],
        number=masked(number) if (number := numbers_of_seats().get(f"{host}/{name}")) else "",
        budget_kinds=KINDS,
        budget=next((card for card in board(utc_now()) if card.imsi == view.card.imsi), None),
        submits=histogram(submit_seconds(host, name)),
        events=[shown(event) for event in modem_events(host, name, utc_now(), EVENTS_SHOWN)],
        transcript=answer_to(host, name, "transcript"),
        **_reception(view),
    )


@blueprint.get("/<host>/<name>/live")
@may("see_modems")
@with_header
def modem_live(host: str, name: str) -> str:
    """The live part of a modem's page: its state. Another state allows other requests, so the page is then reloaded."""
    view = view_at(host, name)
    if form_fields.line("state", 20) not in ("", view.stage):
        renew_page()
    return render_template("hardware/modems/standing.html", view=view, words=words)


def _reception(view: ModemView) -> dict[str, object]:
    until = utc_now()
    wanted = form_fields.line("span", 10)
    span = wanted if wanted in SPANS else "day"
    length, marks, pattern = SPANS[span]
    step = max(EVERY, length / POINTS)
    holds = max(HOLDS, 2 * step)
    since = until - length
    found_samples = samples(view.card.host, view.card.name, since - holds)
    return {
        "day": history(found_samples if span == "day" else thinned(found_samples, step), since, until, holds),
        "span": span,
        "marks": [format_datetime(since + length * mark / marks, pattern) for mark in range(marks + 1)],
        "width": WIDTH,
        "height": HEIGHT,
        "steps": [height(step) for step in words.BAR_STEPS_DBM],
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
    """The event as a line of the modem's page: time, words, person (empty if none), the code beside the words for
    support, tone.
    """
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
