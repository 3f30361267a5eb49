"""Care for the list: numbers that get no alerts, the documents that the law requires, how long data is kept; the
registration form on paper; the yearly renewal, and the people who leave. A person's rights: see all data about them,
have it kept but not used, have it erased at once.
"""

import json
from dataclasses import asdict
from datetime import datetime, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from base.settings.values import RetentionSettings
from console.i18n.labels import count, deed, labels
from console.people.members.pages import twins, typed_member
from console.web import form_fields
from console.web.acting import actor, as_file, done, printed, settings
from console.web.pages import Pages, Served, refusal_now
from db.engine.base import grouped
from db.engine.clock import utc_now
from db.journal.reading import JournalSearch, journal_page
from db.operations.dossier import Dossier
from db.operations.dossier import register as facts
from db.people.members.dead_numbers import dead_numbers
from db.people.members.erasure import uncleaned_since
from db.people.members.listing import member
from db.people.members.renewal import Answer, asked_members, leaving_members, open_renewal
from db.people.zone import zone
from plp.letters.letters import alert_numbers, contact_qr
from plp.letters.rendering import KNOWN_NUMBER, paper, registration_words
from plp.services.forgetting import REQUESTERS, forget_member
from plp.services.orders.shared import end_renewal
from plp.services.people import care as services
from plp.services.people.saving import save_member
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
    places = grouped((row.member.neighbourhood_id, row) for row in dead_numbers())
    return render_template("people/care/numbers.html", places=list(places.values()))


@blueprint.post("/<int:member_id>/number-is-right", may="edit_members")
def number_is_right(member_id: int) -> Served:
    services.dismiss_dead_number(member_id, actor(), utc_now())
    return redirect(url_for("care.numbers"))


@blueprint.get("/register", may="see_records")
@blueprint.get("/breach", endpoint="breach", may="see_records")
def register() -> str:
    """The record of processing, or the note of a breach."""
    template = f"people/care/{request.path.rpartition('/')[2]}.html"
    return render_template(template, facts=facts(settings()), kept=periods(settings().retention), now=utc_now())


def _registration_page() -> str:
    """Empty, except for what a pile of forms shares."""
    language, place = form_fields.line("language", 2), form_fields.number("neighbourhood_id") or 0
    posted, address = request.method == "POST", settings().mail.public_url.rstrip("/")
    draft = typed_member() if posted else MemberDraft("", "", "", "", known(language), place)
    return render_template(
        "people/care/registration.html",
        draft=draft,
        twins=twins(draft, refusal_now()),
        typed=posted,
        welcome=form_fields.ticked("welcome") or not posted,
        public_url=f"{address}/register" if address else "",
    )


@blueprint.form("/registration", _registration_page, may="edit_members")
def registration() -> Served:
    if not form_fields.ticked("signed"):
        raise FieldRefusal("signed", "Confirmez que la fiche est signée.")
    draft = typed_member()
    save_member(
        None, draft, actor(), utc_now(),
        welcome=form_fields.ticked("welcome"), number_shared=form_fields.ticked("number_shared"), how="paper",
    )  # fmt: skip
    sentence = _("%(name)s est inscrit.", name=draft.name)
    return done(sentence, "care.registration", neighbourhood_id=draft.neighbourhood_id, language=draft.language)


@blueprint.get("/registration/<language>", may="edit_members")
def registration_paper(language: str) -> Served:
    if language not in LANGUAGE_WORDS:
        abort(404)
    words, qr = registration_words(language, zone()), contact_qr(zone(), alert_numbers(settings()))
    save = KNOWN_NUMBER[language]["title"]
    return printed(paper("registration.html", language, zone(), utc_now(), words=words, qr=qr, save=save))


def _renewal_page() -> str:
    card, now = open_renewal(), utc_now()
    shown = form_fields.line("list")
    shown = shown if shown in _LISTS else "silent"
    return render_template(
        "people/care/renewal.html",
        card=card,
        shown=shown,
        people=asked_members(card.id, _LISTS[shown], form_fields.number("page", 1) or 1) if card else None,
        leaving=len(leaving_members(card.id, now, AT_ONCE)) if card else 0,
        is_over=card is not None and card.until_at <= now,
        proposed=local_date(now + PROPOSED).isoformat(),
    )


@blueprint.form("/renewal", _renewal_page, may="edit_members", proven=True)
def renewal() -> Served:
    until = form_fields.midnight(form_fields.line("until", 10))
    if until is None:
        raise Refusal("Choisissez une date dans le futur.")
    services.begin_renewal(until, actor(), utc_now())
    return done(_("Renouvellement commencé. Les questions sont envoyées progressivement."), "care.renewal")


@blueprint.form("/renewal/answer", _renewal_page, may="edit_members", methods=["POST"], status=409)
def answer_now() -> Served:
    """An answer given to an admin: `stay` or `leave`, or `silent` to withdraw it."""
    answer = _LISTS.get(form_fields.line("answer"), "")
    services.answer_by_hand(form_fields.number("member") or 0, answer, actor(), utc_now())
    return redirect(url_for("care.renewal", list=form_fields.line("list"), page=form_fields.number("page")))


@blueprint.post("/renewal/leave", may="edit_members", proven=True)
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
    if kept:
        flash(_("Non supprimées (message urgent à traiter) : %(n)s.", n=kept), "failed")
    return done(ngettext("%(n)s personne supprimée.", "%(n)s personnes supprimées.", gone, n=gone), "care.renewal")


@blueprint.post("/renewal/end", may="edit_members")
def end_now() -> Served:
    end_renewal(actor(), utc_now())
    return done(_("Renouvellement terminé."), "care.renewal")


def _consulted(member_id: int) -> Dossier:
    return services.consulted(member_id, actor(), utc_now()) or abort(404)


@blueprint.get("/<int:member_id>/rights", may="edit_members", proven=True)
def rights(member_id: int) -> str:
    """All data held about this person, including their texts, to read and to print."""
    whole = _consulted(member_id)
    return render_template(
        "people/care/rights.html",
        card=whole.card,
        whole=whole,
        deeds=[deed(entry) for entry in whole.entries],
        kept=periods(settings().retention),
        now=utc_now(),
    )


@blueprint.post("/<int:member_id>/rights.json", may="edit_members", proven=True)
def rights_json(member_id: int) -> Served:
    """The same as JSON, for the person to take elsewhere."""
    text = json.dumps(
        asdict(_consulted(member_id)), ensure_ascii=False, indent=1,
        default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value),
    )  # fmt: skip
    return as_file(text, "application/json", f"membre-{member_id}.json")


@blueprint.form("/<int:member_id>/restrict", rights, may="edit_members", methods=["POST"], status=409, proven=True)
def restrict_now(member_id: int) -> Served:
    """Keep their data without using them, or use them again (`do` is lift)."""
    lifting = form_fields.line("do") == "lift"
    services.restrict_member(member_id, actor(), utc_now(), lift=lifting)
    sentence = _("Limitation levée.") if lifting else _("Traitement limité. Plus aucun message n'est envoyé.")
    return done(sentence, "care.rights", member_id=member_id)


def _delete_page(member_id: int) -> str:
    card = member(member_id) or abort(404)
    return render_template("people/care/delete.html", card=card, requesters=[*_REQUESTERS.items()])


@blueprint.form("/<int:member_id>/delete", _delete_page, may="edit_members", status=409, proven=True)
def delete(member_id: int) -> Served:
    card, requester = member(member_id) or abort(404), form_fields.line("asked", 20)
    forget_member(member_id, actor(), utc_now(), requester=requester if requester in REQUESTERS else "")
    return done(_("%(name)s : données supprimées.", name=card.name), "care.erased")


@blueprint.get("/erased", may="see_records")
def erased() -> Served:
    """Erasures: who did them and when, at whose request, what was deleted, and what is kept by law."""
    lines, older = journal_page(JournalSearch(action="member_deleted"), form_fields.line("before", 60))
    since = uncleaned_since()
    return render_template(
        "people/care/erased.html",
        deeds=[(deed(line.entry), since is None or line.entry.at < since) for line in lines],
        older=older,
        kept=periods(settings().retention),
    )
