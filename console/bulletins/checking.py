"""Check a bulletin: the mail as it will look, its files, who gets it and who does not; and send it."""

from collections import Counter
from dataclasses import replace

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from console.bulletins.blueprint import as_sent, blueprint, bulletin_of, draft_of, mail_leaves
from console.bulletins.enclosures.enclosing import cleaned_file
from console.bulletins.enclosures.papers import MOST_PAGES
from console.i18n.labels import GUARD_WORDS
from console.i18n.translate import said
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
from rules.text_guard import FindingsRefused

# The preview is a mail and no page of ours: it has its own looks, runs nothing, loads nothing, and only we frame it.
PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@blueprint.get("/<int:bulletin_id>/check", may="send_bulletins")
def check(bulletin_id: int) -> Served:
    card = bulletin_of(bulletin_id)
    if card.sent_at is not None:
        return redirect(url_for("bulletins.follow", bulletin_id=bulletin_id))
    return _page(card)


@blueprint.get("/<int:bulletin_id>/preview", may="see_bulletins")
def preview(bulletin_id: int) -> Served:
    """The mail's HTML alone, for a sandboxed frame."""
    card = bulletin_of(bulletin_id)
    answer = Response(_sample(card, request.args.get("language", "")).html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@blueprint.post("/<int:bulletin_id>/enclosures", may="send_bulletins")
def enclose_now(bulletin_id: int) -> Served:
    """Add the chosen files, up to the first one that is refused; its reason is shown."""
    card = draft_of(bulletin_id)
    uploads = [upload for upload in request.files.getlist("file") if upload.filename]
    try:
        if not uploads:
            raise Refusal(_("Choisissez d'abord un fichier."))
        for upload in uploads:
            enclose(bulletin_id, cleaned_file(upload), utc_now())
    except Refusal as refusal:
        return _page(draft_of(card.id), said(refusal)), 400
    flash(_("Pièce jointe ajoutée, sans ses données cachées (lieu, auteur)."), "done")
    return redirect(url_for("bulletins.check", bulletin_id=bulletin_id), 303)


@blueprint.post("/<int:bulletin_id>/enclosures/<int:enclosure_id>/delete", may="send_bulletins")
def remove_now(bulletin_id: int, enclosure_id: int) -> Served:
    draft_of(bulletin_id)
    remove_enclosure(bulletin_id, enclosure_id, utc_now())
    return redirect(url_for("bulletins.check", bulletin_id=bulletin_id), 303)


@blueprint.get("/<int:bulletin_id>/enclosures/<int:enclosure_id>", may="see_bulletins")
def look_at(bulletin_id: int, enclosure_id: int) -> Served:
    """A file as it is sent: a picture is shown, a PDF is downloaded."""
    return as_sent(enclosure(bulletin_id, enclosure_id) or abort(404))


@blueprint.post("/<int:bulletin_id>/send", may="send_bulletins")
def send(bulletin_id: int) -> Served:
    """Send the draft as the page showed it. Pressed twice, the button leads to the same bulletin."""
    card = bulletin_of(bulletin_id)
    if card.sent_at is None:
        try:
            answers = Answers(form_fields.ticked("guarded"), form_fields.reason("guard_reason"))
            seen, people = form_fields.line("seen"), form_fields.number("typed")
            send_bulletin(bulletin_id, seen, actor(), utc_now(), answers, people)
        except FindingsRefused as refusal:
            return _page(draft_of(bulletin_id), said(refusal)), 400
        except Refusal as refusal:
            return _page(draft_of(bulletin_id), said(refusal)), 409
    return redirect(url_for("bulletins.follow", bulletin_id=bulletin_id), 303)


@blueprint.post("/<int:bulletin_id>/plan", may="send_bulletins")
def plan(bulletin_id: int) -> Served:
    """Send the draft at a later date, as the page showed it."""
    card = draft_of(bulletin_id)
    try:
        plan_bulletin(card.id, form_fields.line("seen"), form_fields.moment("day", "hour"), actor(), utc_now())
    except Refusal as refusal:
        return _page(card, said(refusal)), 400
    return done(_("Envoi planifié."), "bulletins.check", bulletin_id=card.id)


def _page(card: BulletinCard, sentence: str = "") -> str:
    readers = readers_of(card)
    language = request.args.get("language", "") or card.texts[0].language
    written = {words.language for words in card.texts}
    return render_template(
        "bulletins/check.html",
        card=card,
        readers=readers,
        findings=bulletin_findings(card),
        GUARD_WORDS=GUARD_WORDS,
        guarded=form_fields.ticked("guarded"),
        guard_reason=form_fields.reason("guard_reason"),
        untranslated=Counter(reader.language for reader in readers.people if reader.language not in written),
        unfilled=any("…" in words.title + words.body for words in card.texts),
        letter=_sample(card, language),
        language=language,
        mail_leaves=mail_leaves(),
        dated=[dated for dated in planned() if dated.state == "waiting" and dated.bulletin_id == card.id],
        form=form_fields.typed(),
        most_enclosures=MOST_ENCLOSURES,
        most_megabytes=MOST_BYTES // 1024 // 1024,
        most_pages=MOST_PAGES,
        sentence=sentence,
    )


def _sample(card: BulletinCard, language: str) -> Written:
    """The mail to the first reader of this language, with a token that is not valid."""
    nobody = Correspondent(None, _("(quartier)"), None, _("(nom du coordinateur)"), "", "")
    one = next((person for person in readers_of(card).people if person.language == language), nobody)
    sample, mail = replace(one, language=language or card.texts[0].language), settings().mail
    mail = replace(mail, sender=mail.sender or "zone@example.be")
    return bulletin_letter(card, sample, "…", mail, reminder=False, group_address="")
