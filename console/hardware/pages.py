"""One card per modem and what waits, then one modem in full; the live parts renew themselves."""

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from console.hardware import words
from console.hardware.blueprint import blueprint, found, reader
from console.hardware.history import HEIGHT, HOLDS, WIDTH, height, history
from console.hardware.modem_view import ModemView, views
from db.engine.clock import utc_now
from db.modems.signal_history import samples, storages
from db.modems.sims import known_cards
from db.modems.status import on_several_hosts, queue

SHOWN_HISTORY = timedelta(hours=24)
# The day in quarters: a clock under each line of the drawing.
MARKS = 4
CHANGES_SHOWN = 20
CARDS_SHOWN = 10


@blueprint.get("/")
@reader
def modems() -> ResponseReturnValue:
    return _list("hardware/modems/modems.html")


@blueprint.get("/live")
@reader
def live() -> ResponseReturnValue:
    """The cards and the queue alone."""
    return _list("hardware/modems/live.html")


@blueprint.get("/<host>/<name>")
@reader
def modem(host: str, name: str) -> ResponseReturnValue:
    view = found(host, name)
    cards = [card for card in known_cards() if (card.host, card.modem) == (host, name)]
    return render_template(
        "hardware/modems/modem.html", view=view, words=words, cards=cards[:CARDS_SHOWN], **_reception(view)
    )


@blueprint.get("/<host>/<name>/live")
@reader
def modem_live(host: str, name: str) -> ResponseReturnValue:
    """The live part of a modem's page: its state."""
    return render_template("hardware/modems/standing.html", view=found(host, name), words=words)


@blueprint.get("/<host>/<name>/reception")
@reader
def reception(host: str, name: str) -> ResponseReturnValue:
    """The last day and the storages, alone."""
    view = found(host, name)
    return render_template("hardware/modems/reception.html", view=view, words=words, **_reception(view))


def _list(template: str) -> str:
    return render_template(template, views=views(), queue=queue(), words=words, several_hosts=on_several_hosts)


def _reception(view: ModemView) -> dict[str, object]:
    until = utc_now()
    since = until - SHOWN_HISTORY
    found_samples = samples(view.card.host, view.card.name, since - HOLDS)
    return {
        "day": history(found_samples, since, until),
        "marks": [since + SHOWN_HISTORY * mark / MARKS for mark in range(MARKS + 1)],
        "width": WIDTH,
        "height": HEIGHT,
        "steps": [height(step) for step in words.BAR_STEPS_DBM],
        "changes_shown": CHANGES_SHOWN,
        "storages": storages(view.card.host, view.card.name),
    }
