"""Documents that the law asks for, filled from the database: the record of processing, the note of a breach."""

from flask import render_template
from flask.typing import ResponseReturnValue

from console.people.care.blueprint import blueprint
from console.people.care.periods import periods
from console.web import acting
from console.web.roles import roles
from db.engine.clock import utc_now
from db.operations.personal_data.dossier import register as facts


@blueprint.get("/register")
@roles("admin")
def register() -> ResponseReturnValue:
    return _document("people/care/register.html")


@blueprint.get("/breach")
@roles("admin")
def breach() -> ResponseReturnValue:
    return _document("people/care/breach.html")


def _document(template: str) -> str:
    settings = acting.settings()
    return render_template(template, facts=facts(settings), kept=periods(settings.retention), now=utc_now())
