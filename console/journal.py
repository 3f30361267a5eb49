"""Who did what: the audit, newest first."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.deeds import deed
from console.roles import roles
from db.audit import entries

blueprint = Blueprint("journal", __name__, url_prefix="/journal")

SHOWN = 300


@blueprint.get("")
@roles("admin")
def journal() -> ResponseReturnValue:
    return render_template("journal/journal.html", deeds=[deed(entry) for entry in entries(SHOWN)], shown=SHOWN)
