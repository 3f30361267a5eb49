"""The zone's list of streets: which street lies in which neighbourhood."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.translate import said
from console.web import form_fields
from console.web.acting import FORM, actor, done
from console.web.roles import may
from db.engine.clock import utc_now
from db.people.geography import streets
from plp.services.people.neighbourhoods import StreetReport, import_streets
from plp.services.people.reading import MAXIMUM_BYTES
from rules.refusals import Refusal

blueprint = Blueprint("streets", __name__, url_prefix="/streets")

SHOWN_ROWS = 200


@blueprint.route("", methods=FORM)
@may("see_neighbourhoods", "edit_neighbourhoods")
def listing() -> ResponseReturnValue:
    """The list, with a search; or import one from a file: with one bad row, the list stays unchanged."""
    if request.method != "POST":
        return _page()
    try:
        name, content = form_fields.upload(MAXIMUM_BYTES)
        report = import_streets(content, name, actor(), utc_now())
    except Refusal as refusal:
        return _page(said(refusal)), 400
    if report.refused or not report.saved:
        sentence = _("Aucune rue n'a été enregistrée. Corrigez le fichier, puis importez-le de nouveau.")
        return _page(sentence, report), 400
    sentence = ngettext("%(num)s rue enregistrée.", "%(num)s rues enregistrées.", report.saved)
    return done(sentence, "streets.listing")


def _page(sentence: str = "", report: StreetReport | None = None) -> str:
    whole = streets()
    search = form_fields.line("search", 100).casefold()
    shown = [card for card in whole if search in str(card).casefold()] if search else whole
    return render_template(
        "people/streets.html",
        total=len(whole),
        streets=shown[:SHOWN_ROWS],
        search=search,
        sentence=sentence,
        lines=report.refused if report else (),
        most=SHOWN_ROWS,
    )
