"""First steps: what the box still needs before anybody relies on it, and its backups."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from console.i18n.translate import said
from console.web.navigation import link
from console.web.roles import roles
from db.engine.clock import utc_now
from db.operations.first_steps import FirstStep
from db.operations.first_steps import first_steps as steps
from db.operations.runs import backup_run, drill_run, last_failure, last_run
from db.settings.values import Settings
from plp.rules.sentences import stored_sentence

blueprint = Blueprint("first_steps", __name__, url_prefix="/first-steps")

# Where each is done; what is done in config.ini or by a command leads to this page.
_WHERE = {
    "setup_zone": "settings.settings",
    "setup_admin": "account.account",
    "setup_modem": "modems.modems",
    "setup_test": "modems.modems",
    "setup_members": "members.members",
}


@blueprint.get("")
@roles("admin", "technician")
def first_steps() -> ResponseReturnValue:
    settings: Settings = current_app.config["PLP_SETTINGS"]
    run = backup_run(settings)
    return render_template(
        "admin/first_steps.html",
        steps=[(step, where(step)) for step in steps(settings, utc_now())],
        backup=settings.backup,
        last=last_run(run),
        failure=said(stored_sentence(last_failure(run))),
        drill=last_run(drill_run(settings)),
    )


def where(step: FirstStep) -> str | None:
    """The page on which this person does it; None where they may not, or there is none."""
    return link(_WHERE.get(step.code, ""))
