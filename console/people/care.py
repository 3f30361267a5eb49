"""Care for the list: numbers that get no alerts, the documents that the law requires, how long data is kept; and the
registration form, to print, and to enter as filled in on paper. The yearly renewal: begin it, read its three lists,
and erase the people who leave, which only an admin can do. A person's rights: see all data about them, have it kept
but not used, have it erased at once.
"""

import json
from dataclasses import asdict
from datetime import datetime, timedelta

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.labels import CORRECTION_WORDS, count, deed, labels
from console.i18n.translate import said
from console.people.members.pages import twins, typed_member
from console.second_factor.proof import prove_first
from console.web import acting, form_fields
from console.web.acting import FORM, Refused, actor, done, fields_page, form_page, printed, settings
from console.web.pages import Pages, Served
from db.engine.clock import utc_now
from db.journal.reading import JournalSearch, journal_page
from db.operations.dossier import Dossier
from db.operations.dossier import register as facts
from db.people.members.dead_numbers import dead_numbers, places_of
from db.people.members.erasure import uncleaned_since
from db.people.members.listing import member, neighbourhoods
from db.people.members.renewal import Answer, asked_members, leaving_members, open_renewal
from db.people.zone import zone
from plp.letters.letters import alert_numbers, contact_qr
from plp.letters.rendering import KNOWN_NUMBER, paper, registration_words
from plp.services.forgetting import REQUESTERS, forget_member
from plp.services.people import care as services
from plp.services.people.saving import save_member
from plp.settings.values import RetentionSettings
from rules.calendar import local_date
from rules.languages import LANGUAGE_WORDS, known
from rules.members import MemberDraft
from rules.refusals import FieldRefusal, Refusal

blueprint = Pages("care", "/members")
# A press takes a few seconds for so many; the page says how many are left.
AT_ONCE = 100
PROPOSED = timedelta(days=30)
_LISTS: dict[str, Answer] = {"silent": "", "stay": "yes", "leave": "no"}
_REQUESTERS = labels("journal_values.asked")


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
        (_("Documents du partenariat, mandats"), _period(kept.papers_months, 0)),
        (_("Journal"), _period(kept.audit_months, 0)),
    ]


def _period(months: int, days: int) -> str:
    return _days(days) if days else str(ngettext("%(n)s mois", "%(n)s mois", months, n=months))


def _days(days: int) -> str:
    if days % 365 == 0:
        return str(ngettext("%(n)s an", "%(n)s ans", days // 365, n=days // 365))
    return str(ngettext("%(n)s jour", "%(n)s jours", days, n=count(days)))


@blueprint.get("/dead-numbers", may="edit_members")
def numbers() -> Served:
    return render_template("people/care/numbers.html", places=list(places_of(dead_numbers()).values()))


@blueprint.post("/<int:member_id>/number-is-right", may="edit_members")
def number_is_right(member_id: int) -> Served:
    services.dismiss_dead_number(member_id, actor(), utc_now())
    return redirect(url_for("care.numbers"))


@blueprint.get("/register", may="see_records")
def register() -> Served:
    return _document("people/care/register.html")


@blueprint.get("/breach", may="see_records")
def breach() -> Served:
    return _document("people/care/breach.html")


def _document(template: str) -> str:
    return render_template(template, facts=facts(settings()), kept=periods(settings().retention), now=utc_now())


@blueprint.route("/registration", methods=FORM, may="edit_members")
def registration() -> Served:
    """An empty form; of the one before it keeps what a pile of forms shares."""
    language = form_fields.line("language", 2)
    place = form_fields.number("neighbourhood_id") or 0
    blank = MemberDraft("", "", "", "", known(language), place)
    draft = typed_member() if request.method == "POST" else blank

    def register() -> Served:
        if not form_fields.ticked("signed"):
            raise FieldRefusal("signed", "Confirmez que la fiche est signée.")
        save_member(
            None, draft, actor(), utc_now(),
            welcome=form_fields.ticked("welcome"), number_shared=form_fields.ticked("number_shared"), how="paper",
        )  # fmt: skip
        sentence = _("%(name)s est inscrit.", name=draft.name)
        return done(sentence, "care.registration", neighbourhood_id=draft.neighbourhood_id, language=draft.language)

    return fields_page(lambda refusal: _registration_page(draft, refusal), register)


@blueprint.get("/registration/<language>", may="edit_members")
def registration_paper(language: str) -> Served:
    if language not in LANGUAGE_WORDS:
        abort(404)
    words, qr = registration_words(language, zone()), contact_qr(zone(), alert_numbers(settings()))
    save = KNOWN_NUMBER[language]["title"]
    return printed(paper("registration.html", language, zone(), utc_now(), words=words, qr=qr, save=save))


def _registration_page(draft: MemberDraft, refusal: Refused) -> str:
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


@blueprint.route("/renewal", methods=FORM, may="edit_members")
@prove_first
def renewal() -> Served:
    def begin() -> Served:
        until = form_fields.midnight(form_fields.line("until", 10))
        if until is None:
            raise Refusal("Choisissez une date dans le futur.")
        services.begin_renewal(until, actor(), utc_now())
        return done(_("Renouvellement commencé. Les questions sont envoyées progressivement."), "care.renewal")

    return form_page(_renewal_page, begin)


@blueprint.post("/renewal/answer", may="edit_members")
def answer_now() -> Served:
    """An answer given to an admin: `stay` or `leave`, or `silent` to withdraw it."""
    try:
        services.answer_by_hand(
            form_fields.number("member") or 0, _LISTS.get(form_fields.line("answer"), ""), actor(), utc_now()
        )
    except Refusal as refusal:
        return _renewal_page(said(refusal)), 409
    return redirect(url_for("care.renewal", list=form_fields.line("list"), page=form_fields.number("page")))


@blueprint.post("/renewal/leave", may="edit_members")
@prove_first
def leave_now() -> Served:
    """Erase some of the people who leave, as many as the page stated."""
    card, now = open_renewal(), utc_now()
    if card is None:
        return redirect(url_for("care.renewal"))
    gone, kept = 0, 0
    for member_id in leaving_members(card.id, now, AT_ONCE):
        try:
            forget_member(member_id, actor(), now, requester="zone")
            gone += 1
        except Refusal:  # a call for help of theirs is open
            kept += 1
    flash(ngettext("%(n)s personne supprimée.", "%(n)s personnes supprimées.", gone, n=gone), "done")
    if kept:
        flash(_("Non supprimées (message urgent à traiter) : %(n)s.", n=kept), "failed")
    return redirect(url_for("care.renewal"))


@blueprint.post("/renewal/end", may="edit_members")
def end_now() -> Served:
    services.end_renewal(actor(), utc_now())
    return done(_("Renouvellement terminé."), "care.renewal")


def _renewal_page(sentence: str) -> str:
    card, now = open_renewal(), utc_now()
    shown = form_fields.line("list")
    shown = shown if shown in _LISTS else "silent"
    return render_template(
        "people/care/renewal.html",
        card=card,
        shown=shown,
        found=asked_members(card.id, _LISTS[shown], form_fields.number("page", 1) or 1) if card else None,
        leaving=len(leaving_members(card.id, now, AT_ONCE)) if card else 0,
        is_over=card is not None and card.until_at <= now,
        sentence=sentence,
        proposed=local_date(now + PROPOSED).isoformat(),
    )


@blueprint.get("/<int:member_id>/rights", may="edit_members")
@prove_first
def rights(member_id: int) -> Served:
    """All data held about this person, including their texts, to read and to print."""
    return _rights_page(_consulted(member_id))


@blueprint.post("/<int:member_id>/rights.json", may="edit_members")
@prove_first
def rights_json(member_id: int) -> Served:
    """The same as JSON, for the person to take elsewhere."""
    whole = _consulted(member_id)
    text = json.dumps(
        asdict(whole), ensure_ascii=False, indent=1,
        default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value),
    )  # fmt: skip
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="membre-{member_id}.json"'
    return answer


@blueprint.post("/<int:member_id>/restrict", may="edit_members")
@prove_first
def restrict_now(member_id: int) -> Served:
    """Keep their data without using them, or use them again (`do` is lift)."""
    lifting = form_fields.line("do") == "lift"
    try:
        (services.lift_restriction if lifting else services.restrict_member)(member_id, actor(), utc_now())
    except Refusal as refusal:
        return _rights_page(_consulted(member_id), said(refusal)), 409
    sentence = _("Limitation levée.") if lifting else _("Traitement limité. Plus aucun message n'est envoyé.")
    return done(sentence, "care.rights", member_id=member_id)


@blueprint.route("/<int:member_id>/delete", methods=FORM, may="edit_members")
@prove_first
def delete(member_id: int) -> Served:
    card, requester, sentence = member(member_id) or abort(404), form_fields.line("asked", 20), ""
    if request.method == "POST":
        try:
            forget_member(member_id, actor(), utc_now(), requester=requester if requester in REQUESTERS else "")
            return done(_("%(name)s : données supprimées.", name=card.name), "care.erased")
        except Refusal as refusal:
            sentence = said(refusal)
    page = render_template("people/care/delete.html", card=card, requesters=[*_REQUESTERS.items()], sentence=sentence)
    return page, 409 if sentence else 200


@blueprint.get("/erased", may="see_records")
def erased() -> Served:
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
    return services.consulted(member_id, actor(), utc_now()) or abort(404)


def _rights_page(whole: Dossier, sentence: str = "") -> str:
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
