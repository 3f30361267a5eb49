"""One card per modem, and what waits; the live part renews itself."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.modems.words import ADVICE, bars, half_masked, seconds, technology_warning
from console.roles import roles
from db.clock import utc_now
from db.modems import modem_cards, queue

blueprint = Blueprint("modems", __name__, url_prefix="/modems")
keeper = roles("technician", "officer", "admin")


@blueprint.get("/")
@keeper
def modems() -> ResponseReturnValue:
    return _render("modems/modems.html")


@blueprint.get("/live")
@keeper
def live() -> ResponseReturnValue:
    return _render("modems/live.html")


def _render(template: str) -> str:
    return render_template(
        template,
        cards=modem_cards(utc_now()),
        queue=queue(),
        advice=ADVICE,
        bars=bars,
        half_masked=half_masked,
        seconds=seconds,
        technology_warning=technology_warning,
    )
