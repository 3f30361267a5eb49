"""Lists from files: choose, look at what would happen, import, read what was refused."""

import csv
import io

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from console.i18n.translate import said
from console.people.members.blueprint import blueprint
from console.people.members.waiting import Waiting, WaitingLists
from console.web import form_fields
from console.web.roles import roles
from console.web.session import actor
from db.engine.clock import utc_now
from db.people.members.importing import import_members
from plp.rules.refusals import Refusal

SHOWN_ROWS = 200

lists = WaitingLists()


@blueprint.get("/import")
@roles("admin")
def choose_list() -> ResponseReturnValue:
    return render_template("people/members/import.html", welcome=False)


@blueprint.post("/import")
@roles("admin")
def look_at_list() -> ResponseReturnValue:
    now, welcome = utc_now(), form_fields.ticked("welcome")
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Refusal(_("Choisissez d'abord un fichier."))
        with file.stream as stream:
            name, content = form_fields.cleaned(file.filename, 100), stream.read()
        report = import_members(content, name, actor(), now, dry_run=True, welcome=welcome)
    except Refusal as refusal:
        return render_template("people/members/import.html", welcome=welcome, sentence=said(refusal)), 400
    waiting = lists.put(current_user.identity.id, name, content, welcome, report, now)
    return redirect(url_for("members.waiting_list", key=waiting.key))


@blueprint.get("/import/<key>")
@roles("admin")
def waiting_list(key: str) -> ResponseReturnValue:
    waiting = _waiting(key)
    return render_template("people/members/report.html", waiting=waiting, report=waiting.report, shown=SHOWN_ROWS)


@blueprint.post("/import/<key>")
@roles("admin")
def import_list(key: str) -> ResponseReturnValue:
    now, waiting = utc_now(), _waiting(key)
    content = lists.take(waiting.owner, key, now)
    if content is None:
        flash(_("Cette liste est déjà importée."), "failed")
    else:
        report = import_members(content, waiting.file_name, actor(), now, welcome=waiting.welcome)
        lists.finish(waiting.owner, key, report)
    return redirect(url_for("members.waiting_list", key=key))


@blueprint.get("/import/<key>/refused.csv")
@roles("admin")
def refused_rows(key: str) -> ResponseReturnValue:
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";")
    writer.writerow([_("ligne"), _("raison")])
    writer.writerows((row.line, said(row.told)) for row in _waiting(key).report.refused)
    # The mark makes Excel read it as UTF-8.
    answer = Response("\ufeff" + table.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="lignes-refusees.csv"'
    return answer


def _waiting(key: str) -> Waiting:
    return lists.find(current_user.identity.id, key, utc_now()) or abort(404)
