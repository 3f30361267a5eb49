"""The journal: the newest entries of the audit."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.i18n.audit_labels import deed
from console.web.roles import roles
from db.journal.audit import entries

blueprint = Blueprint("journal", __name__, url_prefix="/journal")

SHOWN = 300


@blueprint.get("")
@roles("admin")
def journal() -> ResponseReturnValue:
    return render_template("admin/journal/journal.html", deeds=[deed(entry) for entry in entries(SHOWN)], shown=SHOWN)
