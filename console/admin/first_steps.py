"""First steps: what the box still needs before anybody relies on it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.web.acting import settings
from console.web.navigation import link
from console.web.roles import may
from db.engine.clock import utc_now
from plp.services.first_start import first_steps as steps
from plp.services.first_start import shortcomings
from rules.sentences import coded

blueprint = Blueprint("first_steps", __name__, url_prefix="/first-steps")

# Where each is done; what is done in config.ini or by a command leads to this page.
_WHERE = {
    "setup_zone": "settings.settings",
    "setup_admin": "account.account",
    "setup_modem": "modems.modems",
    "setup_test": "modems.modems",
    "setup_technician": "directory.add",
    "setup_members": "members.members",
    "setup_backup": "upkeep.upkeep",
}


@blueprint.get("")
@may("see_machine")
def first_steps() -> ResponseReturnValue:
    now = utc_now()
    wrong = shortcomings(settings(), now)
    known = [
        (coded(step), is_done, where(step), wrong.get(step, ())) for step, is_done in steps(settings(), now).items()
    ]
    return render_template("admin/first_steps.html", steps=known)


def where(step: str) -> str | None:
    """The page on which this person does it; None where they may not, or there is none."""
    return link(_WHERE.get(step, ""))
