"""The blueprint that the modems' pages share, who may do what there, and the modem of an address."""

from dataclasses import replace

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from console.hardware.modem_view import ModemView, views
from console.web.roles import roles
from db.engine.clock import utc_now
from db.operations.monitoring import last_refusal

blueprint = Blueprint("modems", __name__, url_prefix="/modems")

# Whoever answers for what was sent may see what sends it; only a technician lays hands on it.
reader = roles("officer", "technician", "admin")
technician = roles("technician")


def found(host: str, name: str) -> ModemView:
    """The modem of an address, or 404."""
    view = next(iter(views((host, name))), None) or abort(404)
    return replace(view, refusal=last_refusal(host, name, utc_now()))


def back_to(view: ModemView) -> ResponseReturnValue:
    """To the modem's page, after a form."""
    return redirect(url_for("modems.modem", host=view.card.host, name=view.card.name), 303)
