"""The registration form: to print, and to type in as it stands on paper."""

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.labels import LANGUAGE_WORDS
from console.people.care.pages import blueprint
from console.people.members.pages import typed_member
from console.web import form_fields
from console.web.acting import FORM, Refused, actor, done, fields_page, settings
from console.web.roles import roles
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods
from db.people.members.saving import FieldRefusal, MemberDraft, save_member
from db.people.zone import zone


@blueprint.route("/registration", methods=FORM)
@roles("admin")
def registration() -> ResponseReturnValue:
    """An empty form; of the one before it keeps what a pile of forms shares."""
    language = form_fields.line("language", 2)
    place = form_fields.number("neighbourhood_id") or 0
    blank = MemberDraft("", "", "", "", language if language in LANGUAGE_WORDS else "fr", place)
    draft = typed_member() if request.method == "POST" else blank

    def register() -> ResponseReturnValue:
        if not form_fields.ticked("signed"):
            raise FieldRefusal("signed", "Confirmez que la fiche est signée.")
        save_member(
            None, draft, actor(), utc_now(),
            welcome=form_fields.ticked("welcome"), number_shared=form_fields.ticked("number_shared"), how="paper",
        )  # fmt: skip
        told = _("%(name)s est inscrit.", name=f"{draft.first_name} {draft.last_name}".strip())
        return done(told, "care.registration", neighbourhood_id=draft.neighbourhood_id, language=draft.language)

    return fields_page(lambda refusal: _page(draft, refusal), register)


@blueprint.get("/registration-<language>.pdf")
@roles("admin")
def registration_paper(language: str) -> ResponseReturnValue:
    if language not in LANGUAGE_WORDS:
        abort(404)
    from plp.letters.page import registration_pdf  # 20 MB that few need

    answer = Response(registration_pdf(language, zone(), utc_now()), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="plp-{language}.pdf"'
    return answer


def _page(draft: MemberDraft, refusal: Refused) -> str:
    return render_template(
        "people/care/registration.html",
        draft=draft,
        refusal=refusal,
        typed=request.method == "POST",
        welcome=form_fields.ticked("welcome") if refusal else True,
        number_shared=form_fields.ticked("number_shared"),
        places=neighbourhoods(),
        paper=LANGUAGE_WORDS,
        public_url=f"{address}/register" if (address := settings().mail.public_url.rstrip("/")) else "",
    )
