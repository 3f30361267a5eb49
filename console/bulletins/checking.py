"""Check a bulletin: the mail as it will look, its files, who gets it and who does not; and send it."""

from collections import Counter
from dataclasses import replace

from flask import Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from console.bulletins.blueprint import as_sent, blueprint, bulletin_of, draft_of
from console.bulletins.enclosures.enclosing import cleaned_file
from console.bulletins.enclosures.papers import MOST_PAGES
from console.web import form_fields
from console.web.acting import actor, done, settings
from console.web.pages import Served
from db.alerts.planned import planned
from db.bulletins.drafts import enclosure
from db.bulletins.groups import readers_of
from db.bulletins.values import BulletinCard, Correspondent
from db.engine.clock import utc_now
from plp.letters.letters import Written, bulletin_letter
from plp.services.bulletins.drafts import MOST_BYTES, MOST_ENCLOSURES, enclose, remove_enclosure
from plp.services.bulletins.relaying import bulletin_findings, plan_bulletin, send_bulletin
from plp.services.texts import Answers
from rules.refusals import Refusal

# The preview is a mail and no page of ours: it has its own looks, runs nothing, loads nothing, and only we frame it.
PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@blueprint.get("/<int:bulletin_id>/check", may="send_bulletins")
def check(bulletin_id: int) -> Served:
    if bulletin_of(bulletin_id).sent_at is not None:
        return redirect(url_for("bulletins.follow", bulletin_id=bulletin_id))
    return _page(bulletin_id)


def _page(bulletin_id: int) -> str:
    card = draft_of(bulletin_id)
    readers = readers_of(card)
    language = request.args.get("language", "") or card.texts[0].language
    written = {words.language for words in card.texts}
    return render_template(
        "bulletins/check.html",
        card=card,
        readers=readers,
        findings=bulletin_findings(card),
        untranslated=Counter(reader.language for reader in readers.people if reader.language not in written),
        unfilled=any("…" in words.title + words.body for words in card.texts),
        letter=_sample(card, language),
        language=language,
        dated=[dated for dated in planned() if dated.state == "waiting" and dated.bulletin_id == card.id],
        most_enclosures=MOST_ENCLOSURES,
        most_megabytes=MOST_BYTES // 1024 // 1024,
        most_pages=MOST_PAGES,
    )


@blueprint.get("/<int:bulletin_id>/preview", may="see_bulletins")
def preview(bulletin_id: int) -> Served:
    """The mail's HTML alone, for a sandboxed frame."""
    card = bulletin_of(bulletin_id)
    answer = Response(_sample(card, request.args.get("language", "")).html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@blueprint.form("/<int:bulletin_id>/enclosures", _page, may="send_bulletins", methods=["POST"])
def enclose_now(bulletin_id: int) -> Served:
    """Add the chosen files, up to the first one that is refused; its reason is shown."""
    draft_of(bulletin_id)
    if not _enclosed(bulletin_id):
        raise Refusal(_("Choisissez d'abord un fichier."))
    sentence = _("Pièce jointe ajoutée, sans ses données cachées (lieu, auteur).")
    return done(sentence, "bulletins.check", bulletin_id=bulletin_id)


def _enclosed(bulletin_id: int) -> int:
    """Add the chosen files, and return their number. Raises Refusal at the first one that is refused."""
    uploads = [upload for upload in request.files.getlist("file") if upload.filename]
    for upload in uploads:
        enclose(bulletin_id, cleaned_file(upload), utc_now())
    return len(uploads)


@blueprint.post("/<int:bulletin_id>/enclosures/<int:enclosure_id>/delete", may="send_bulletins")
def remove_now(bulletin_id: int, enclosure_id: int) -> Served:
    draft_of(bulletin_id)
    remove_enclosure(bulletin_id, enclosure_id, utc_now())
    return redirect(url_for("bulletins.check", bulletin_id=bulletin_id), 303)


@blueprint.get("/<int:bulletin_id>/enclosures/<int:enclosure_id>", may="see_bulletins")
def look_at(bulletin_id: int, enclosure_id: int) -> Served:
    """A file as it is sent: a picture is shown, a PDF is downloaded."""
    return as_sent(enclosure(bulletin_id, enclosure_id) or abort(404))


@blueprint.form("/<int:bulletin_id>/send", _page, may="send_bulletins", methods=["POST"], status=409)
def send(bulletin_id: int) -> Served:
    """Send the draft as the page showed it. Pressed twice, the button leads to the same bulletin. A file that was
    chosen and not added yet is added first, and the page shown with it: nothing leaves without it, nor with what nobody
    saw.
    """
    if bulletin_of(bulletin_id).sent_at is None:
        if _enclosed(bulletin_id):
            raise Refusal(
                _("Aucun e-mail n'a été envoyé : le fichier choisi vient d'être joint. Vérifiez-le, puis envoyez.")
            )
        answers = Answers(form_fields.ticked("guarded"), form_fields.reason("guard_reason"))
        seen, people = form_fields.line("seen"), form_fields.number("typed")
        send_bulletin(bulletin_id, seen, actor(), utc_now(), answers, people)
    return redirect(url_for("bulletins.follow", bulletin_id=bulletin_id), 303)


@blueprint.form("/<int:bulletin_id>/plan", _page, may="send_bulletins", methods=["POST"])
def plan(bulletin_id: int) -> Served:
    """Send the draft at a later date, as the page showed it."""
    draft_of(bulletin_id)
    plan_bulletin(bulletin_id, form_fields.line("seen"), form_fields.moment("day", "hour"), actor(), utc_now())
    return done(_("Envoi planifié."), "bulletins.check", bulletin_id=bulletin_id)


def _sample(card: BulletinCard, language: str) -> Written:
    """The mail to the first reader of this language, with a token that is not valid."""
    nobody = Correspondent(None, _("(quartier)"), None, _("(nom du coordinateur)"), "", "")
    one = next((person for person in readers_of(card).people if person.language == language), nobody)
    sample, mail = replace(one, language=language or card.texts[0].language), settings().mail
    mail = replace(mail, sender=mail.sender or "zone@example.be")
    return bulletin_letter(card, sample, "…", mail, reminder=False, group_address="")
