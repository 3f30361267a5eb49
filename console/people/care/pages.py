"""Care for the list: numbers that get no alerts, the documents that the law requires, how long data is kept; and the
registration form, to print, and to enter as filled in on paper.
"""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.formats import count
from console.people.members.pages import twins, typed_member
from console.web import form_fields
from console.web.acting import FORM, Refused, actor, done, fields_page, printed, settings
from console.web.roles import may
from db.engine.clock import utc_now
from db.operations.dossier import register as facts
from db.people.members.dead_numbers import dead_numbers, places_of
from db.people.members.listing import neighbourhoods
from db.people.zone import zone
from plp.letters.bulletin import alert_numbers, contact_qr
from plp.letters.rendering import KNOWN_NUMBER, paper, registration_words
from plp.services.people.care import dismiss_dead_number
from plp.services.people.saving import save_member
from plp.settings.values import RetentionSettings
from rules.languages import LANGUAGE_WORDS, known
from rules.members import MemberDraft
from rules.refusals import FieldRefusal

blueprint = Blueprint("care", __name__, url_prefix="/members")


def periods(kept: RetentionSettings) -> list[tuple[str, str]]:
    """(kind, period) as set in config.ini."""
    return [
        (_("Fiche du membre"), _("jusqu'à sa suppression")),
        (_("Pause des SMS"), _("jusqu'à sa fin")),
        (_("Destinataires des SMS"), _period(kept.messages_months, kept.messages_days)),
        (_("Textes des alertes"), _days(kept.alert_texts_days) if kept.alert_texts_days else _("sans limite")),
        (_("SMS reçus"), _period(kept.inbound_months, kept.inbound_days)),
        (_("E-mails envoyés et reçus"), _period(kept.mail_months, kept.mail_days)),
        (_("Signalements : auteur, rue, faits, PV"), _period(kept.tips_months, 0)),
        (_("Journal"), _period(kept.audit_months, 0)),
    ]


def _period(months: int, days: int) -> str:
    return _days(days) if days else str(ngettext("%(n)s mois", "%(n)s mois", months, n=months))


def _days(days: int) -> str:
    if days % 365 == 0:
        return str(ngettext("%(n)s an", "%(n)s ans", days // 365, n=days // 365))
    return str(ngettext("%(n)s jour", "%(n)s jours", days, n=count(days)))


@blueprint.get("/dead-numbers")
@may("edit_members")
def numbers() -> ResponseReturnValue:
    return render_template("people/care/numbers.html", places=list(places_of(dead_numbers()).values()))


@blueprint.post("/<int:member_id>/number-is-right")
@may("edit_members")
def number_is_right(member_id: int) -> ResponseReturnValue:
    dismiss_dead_number(member_id, actor(), utc_now())
    return redirect(url_for("care.numbers"))


@blueprint.get("/register")
@may("see_records")
def register() -> ResponseReturnValue:
    return _document("people/care/register.html")


@blueprint.get("/breach")
@may("see_records")
def breach() -> ResponseReturnValue:
    return _document("people/care/breach.html")


def _document(template: str) -> str:
    return render_template(template, facts=facts(settings()), kept=periods(settings().retention), now=utc_now())


@blueprint.route("/registration", methods=FORM)
@may("edit_members")
def registration() -> ResponseReturnValue:
    """An empty form; of the one before it keeps what a pile of forms shares."""
    language = form_fields.line("language", 2)
    place = form_fields.number("neighbourhood_id") or 0
    blank = MemberDraft("", "", "", "", known(language), place)
    draft = typed_member() if request.method == "POST" else blank

    def register() -> ResponseReturnValue:
        if not form_fields.ticked("signed"):
            raise FieldRefusal("signed", "Confirmez que la fiche est signée.")
        save_member(
            None, draft, actor(), utc_now(),
            welcome=form_fields.ticked("welcome"), number_shared=form_fields.ticked("number_shared"), how="paper",
        )  # fmt: skip
        sentence = _("%(name)s est inscrit.", name=draft.name)
        return done(sentence, "care.registration", neighbourhood_id=draft.neighbourhood_id, language=draft.language)

    return fields_page(lambda refusal: _page(draft, refusal), register)


@blueprint.get("/registration/<language>")
@may("edit_members")
def registration_paper(language: str) -> ResponseReturnValue:
    if language not in LANGUAGE_WORDS:
        abort(404)
    words, qr = registration_words(language, zone()), contact_qr(zone(), alert_numbers(settings()))
    save = KNOWN_NUMBER[language]["title"]
    return printed(paper("registration.html", language, zone(), utc_now(), words=words, qr=qr, save=save))


def _page(draft: MemberDraft, refusal: Refused) -> str:
    return render_template(
        "people/care/registration.html",
        draft=draft,
        refusal=refusal,
        twins=twins(draft, refusal),
        typed=request.method == "POST",
        welcome=form_fields.ticked("welcome") if refusal else True,
        number_shared=form_fields.ticked("number_shared"),
        places=neighbourhoods(),
        paper=LANGUAGE_WORDS,
        public_url=f"{address}/register" if (address := settings().mail.public_url.rstrip("/")) else "",
    )
