"""The numbers that alerts come from, for members to save: shown, printed, as a file; and telling them of a new one."""

from flask import Response, abort, redirect, render_template, url_for
from flask_babel import gettext as _

from console.web import form_fields
from console.web.acting import actor, as_file, attempt, done, printed, settings
from console.web.pages import Pages, Served
from db.engine.clock import utc_now
from db.inbound.replies.judging import untold_numbers
from db.people.zone import zone
from plp.letters.letters import alert_numbers, contact_qr, vcard
from plp.letters.rendering import paper
from plp.services.bulletins.relaying import draft_new_number_bulletin, known_number_words, tell_numbers
from rules.languages import LANGUAGE_WORDS

blueprint = Pages("known_number", "/alert-numbers")


@blueprint.get("", may="tell_alert_numbers")
def numbers() -> Served:
    own = alert_numbers(settings())
    return render_template(
        "people/known_number.html",
        numbers=own,
        untold=untold_numbers(),
        qr=contact_qr(zone(), own),
    )


@blueprint.get("/plp.vcf", may="tell_alert_numbers")
def contact() -> Served:
    return contact_file()


def contact_file() -> Response:
    """The contact as a file, to send on or to open on a phone."""
    return as_file(vcard(zone(), alert_numbers(settings())), "text/vcard", "plp.vcf")


@blueprint.get("/<language>", may="tell_alert_numbers")
def contact_paper(language: str) -> Served:
    if language not in LANGUAGE_WORDS:
        abort(404)
    own = alert_numbers(settings())
    words = known_number_words(language, zone(), own)
    qr = contact_qr(zone(), own)
    return printed(paper("known_number.html", language, zone(), utc_now(), words=words, numbers=own, qr=qr))


@blueprint.post("/bulletin", may="send_bulletins")
def bulletin() -> Served:
    """A draft to the coordinators, to read and send; the same form makes one."""
    number = attempt(lambda: draft_new_number_bulletin(form_fields.typed_nonce(), actor(), utc_now()))
    if number is None:
        return redirect(url_for("known_number.numbers"))
    return redirect(url_for("bulletins.edit", bulletin_id=number), 303)


@blueprint.post("/told", may="tell_alert_numbers")
def mark_informed() -> Served:
    tell_numbers(actor(), utc_now())
    return done(_("C'est noté : les membres sont informés."), "known_number.numbers")
