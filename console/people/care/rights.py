"""A person's rights: see all data about them, have it kept but not used, have it erased at once."""

import json
from dataclasses import asdict
from datetime import datetime

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.audit_labels import deed
from console.i18n.labels import CORRECTION_WORDS, labels
from console.i18n.translate import said
from console.people.care.pages import blueprint, periods
from console.second_factor.proof import prove_first
from console.web import acting, form_fields
from console.web.acting import FORM, actor, done
from console.web.roles import may
from db.engine.clock import utc_now
from db.journal.reading import JournalSearch, journal_page
from db.operations.dossier import Dossier
from db.people.members.erasure import uncleaned_since
from db.people.members.listing import member
from plp.services.forgetting import REQUESTERS, forget_member
from plp.services.people.care import consulted, lift_restriction, restrict_member
from rules.refusals import Refusal

_REQUESTERS = labels("journal_values.asked")


@blueprint.get("/<int:member_id>/rights")
@may("edit_members")
@prove_first
def rights(member_id: int) -> ResponseReturnValue:
    """All data held about this person, including their texts, to read and to print."""
    return _page(_consulted(member_id))


@blueprint.post("/<int:member_id>/rights.json")
@may("edit_members")
@prove_first
def rights_json(member_id: int) -> ResponseReturnValue:
    """The same as JSON, for the person to take elsewhere."""
    whole = _consulted(member_id)
    text = json.dumps(
        asdict(whole), ensure_ascii=False, indent=1,
        default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value),
    )  # fmt: skip
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="membre-{member_id}.json"'
    return answer


@blueprint.post("/<int:member_id>/restrict")
@may("edit_members")
@prove_first
def restrict_now(member_id: int) -> ResponseReturnValue:
    """Keep their data without using them, or use them again (`do` is lift)."""
    lifting = form_fields.line("do") == "lift"
    try:
        (lift_restriction if lifting else restrict_member)(member_id, actor(), utc_now())
    except Refusal as refusal:
        return _page(_consulted(member_id), said(refusal)), 409
    sentence = _("Limitation levée.") if lifting else _("Traitement limité. Plus aucun message n'est envoyé.")
    return done(sentence, "care.rights", member_id=member_id)


@blueprint.route("/<int:member_id>/delete", methods=FORM)
@may("edit_members")
@prove_first
def delete(member_id: int) -> ResponseReturnValue:
    card, requester, sentence = member(member_id) or abort(404), form_fields.line("asked", 20), ""
    if request.method == "POST":
        try:
            forget_member(member_id, actor(), utc_now(), requester=requester if requester in REQUESTERS else "")
            return done(_("%(name)s : données supprimées.", name=card.name), "care.erased")
        except Refusal as refusal:
            sentence = said(refusal)
    page = render_template("people/care/delete.html", card=card, requesters=[*_REQUESTERS.items()], sentence=sentence)
    return page, 409 if sentence else 200


@blueprint.get("/erased")
@may("see_records")
def erased() -> ResponseReturnValue:
    """Erasures: who did them and when, at whose request, what was deleted, and what is kept by law."""
    lines, older = journal_page(JournalSearch(action="member_deleted"), form_fields.line("before", 60))
    since = uncleaned_since()
    return render_template(
        "people/care/erased.html",
        deeds=[(deed(line.entry), since is None or line.entry.at < since) for line in lines],
        older=older,
        kept=periods(acting.settings().retention),
    )


def _consulted(member_id: int) -> Dossier:
    return consulted(member_id, actor(), utc_now()) or abort(404)


def _page(whole: Dossier, sentence: str = "") -> str:
    return render_template(
        "people/care/rights.html",
        card=whole.card,
        whole=whole,
        deeds=[deed(entry) for entry in whole.entries],
        kept=periods(acting.settings().retention),
        words=CORRECTION_WORDS,
        now=utc_now(),
        sentence=sentence,
    )
