"""Write a bulletin: the category, then the texts; and the list of drafts and sent bulletins."""

from dataclasses import replace

from babel.dates import format_datetime
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from console.bulletins.blueprint import blueprint, draft_of, mail_leaves, reader, sender
from console.i18n.translate import SOURCE
from console.web import form_fields
from console.web.acting import FORM, actor, done, form_page
from console.web.roles import roles
from db.alerts.orders.chosen import chosen
from db.alerts.progress.progress import Progress, progress
from db.bulletins.feedback import feedback_owed, longer_wanted
from db.bulletins.listing import drafts, sent_bulletins
from db.bulletins.owed import deputy_after_h
from db.bulletins.relay import tallies
from db.bulletins.values import CATEGORIES, BulletinDraft, Words
from db.engine.base import card_of
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods
from db.people.zone import directory, proximity_stations
from plp.letters.rendering import STARTS
from plp.services.bulletins.drafts import delete_draft, save_draft
from plp.services.bulletins.relaying import save_policy
from rules.people import LANGUAGES
from rules.states import LONGER

PER_PAGE = 20
# Longer ones are told by the sentence of a refusal, with what was typed still there.
MOST_CHARACTERS = 20_000


def new_draft(category: str, alert: Progress | None) -> BulletinDraft:
    """The first words of a category; a feedback goes to where its alert went, a longer version has the languages of its
    alert.
    """
    everywhere, places = _places_of(alert) if alert is not None else (None, ())
    languages = [each.language for each in alert.texts] if alert is not None and category == LONGER else [SOURCE]
    texts = tuple(start(category, language, alert) for language in languages)
    return BulletinDraft(category, texts, everywhere, places, alert.id if alert is not None else None)


def typed_bulletin() -> BulletinDraft:
    """The draft in the form that was posted."""
    form = request.form
    languages = [language for language in dict.fromkeys(form.getlist("language")) if language in LANGUAGES]
    return BulletinDraft(
        category=form_fields.line("category", 20),
        texts=tuple(
            Words(each, form_fields.line(f"title_{each}", 300), form_fields.paragraphs(f"body_{each}", MOST_CHARACTERS))
            for each in languages
        ),
        everywhere={"all": True, "some": False}.get(form.get("audience", "")),
        neighbourhood_ids=tuple(form_fields.numbers("neighbourhood")),
        alert_id=form_fields.number("alert"),
        group_ids=tuple(form_fields.numbers("group")),
    )


def open_languages(draft: BulletinDraft) -> list[str]:
    """Languages that may still be added."""
    taken = {words.language for words in draft.texts}
    return [language for language in LANGUAGES if language not in taken]


def with_language(draft: BulletinDraft, language: str) -> BulletinDraft:
    """The draft with another language's text, begun like the first."""
    if language not in open_languages(draft):
        return draft
    return replace(draft, texts=(*draft.texts, start(draft.category, language, _alert(draft.alert_id))))


def without_language(draft: BulletinDraft, language: str) -> BulletinDraft:
    """The draft without a language; one always stays."""
    kept = tuple(words for words in draft.texts if words.language != language)
    return replace(draft, texts=kept) if kept else draft


def start(category: str, language: str, alert: Progress | None) -> Words:
    """The first words of a category; those of a feedback name its alert."""
    title, body = (STARTS[language].get(f"{category}_{part}", "") for part in ("title", "body"))
    if category not in CATEGORIES or "{when}" not in title:
        return Words(language, title, body)
    if alert is None:
        return Words(language, title.replace("{when}", "…"), body.replace("{when}", "…").replace("{text}", "…"))
    when = _when(alert, language)
    first, _blank, rest = body.partition("\n\n")
    told = [first.replace("{when}", when).replace("{text}", _text_of(alert, language)), *_corrected(alert, language)]
    return Words(language, title.replace("{when}", when), "\n\n".join([*told, rest]))


def _corrected(alert: Progress, language: str) -> list[str]:
    """A paragraph for each correction that people got: a feedback that is silent about it would repeat the mistake."""
    later = (progress(each.id, utc_now()) for each in alert.follow_ups if each.kind == "correction")
    words = STARTS[language]["corrected"]
    return [
        words.replace("{when}", _when(each, language)).replace("{text}", _text_of(each, language))
        for each in later
        if each is not None and each.went_out
    ]


def _when(sent: Progress, language: str) -> str:
    pattern = "d. MMMM, HH:mm" if language == "de" else "d MMMM, HH:mm"
    return format_datetime(sent.created_at, pattern, tzinfo=get_timezone(), locale=language)


def _text_of(sent: Progress, language: str) -> str:
    """The alert's text as readers of this language got it."""
    return next((each.text for each in sent.texts if each.language == language), sent.text)


def _places_of(alert: Progress) -> tuple[bool | None, tuple[int, ...]]:
    """Neighbourhoods that an alert went to; None where they were not kept, or it went to none."""
    whom = chosen(alert.id)
    if whom is not None and whom.whom == "all":
        return True, ()
    places = tuple(number for number, _name in whom.places) if whom is not None else ()
    return (False, places) if places else (None, ())


@blueprint.get("/")
@reader
def bulletins() -> ResponseReturnValue:
    return _list_page()


@blueprint.get("/choose")
@sender
def choose() -> ResponseReturnValue:
    """Choose the category; what is not about security is sent elsewhere, and the page says where."""
    return render_template("bulletins/choose.html", owed=feedback_owed(utc_now()), mail_leaves=mail_leaves())


@blueprint.get("/not-security")
@sender
def not_security() -> ResponseReturnValue:
    """The page for what is not about security: nothing is sent, and it names who is responsible."""
    return render_template("bulletins/not_security.html", stations=proximity_stations() or directory())


@blueprint.route("/new", methods=FORM)
@sender
def write() -> ResponseReturnValue:
    if request.method == "POST":
        return _save(None)
    alert = _alert(form_fields.number("alert"))
    category = form_fields.line("category", 20) or ("feedback" if alert is not None else "")
    if category not in CATEGORIES or (category == LONGER and (alert is None or not longer_wanted())):
        return redirect(url_for("bulletins.choose"))
    # One for its alert: a second form would lose what was written in the first.
    of_it = (card for card in drafts() if alert is not None and (card.alert_id, card.category) == (alert.id, category))
    begun = next(of_it, None)
    if begun is not None:
        flash(_("Texte déjà commencé : voici le brouillon."))
        return redirect(url_for("bulletins.edit", bulletin_id=begun.id))
    return _page(new_draft(category, alert), form_fields.new_nonce(), None)


@blueprint.route("/<int:bulletin_id>/edit", methods=FORM)
@sender
def edit(bulletin_id: int) -> ResponseReturnValue:
    card = draft_of(bulletin_id)
    if request.method == "POST":
        return _save(bulletin_id)
    return _page(card_of(BulletinDraft, card), card.nonce, bulletin_id)


@blueprint.route("/<int:bulletin_id>/delete", methods=FORM)
@sender
def delete(bulletin_id: int) -> ResponseReturnValue:
    card = draft_of(bulletin_id)
    if request.method == "POST":
        delete_draft(bulletin_id, actor(), utc_now())
        return done(_("Brouillon supprimé."), "bulletins.bulletins")
    return render_template(
        "confirm.html",
        title=_("Supprimer le brouillon « %(title)s » ?", title=card.title),
        sentence=_("Le texte et les pièces jointes sont supprimés. Ce bulletin n'a jamais été envoyé."),
        label=_("Supprimer ce brouillon"),
        back=url_for("bulletins.check", bulletin_id=bulletin_id),
    )


@blueprint.post("/deputy-after")
@roles("admin")
def deputy_after_now() -> ResponseReturnValue:
    """Save the hours after which a neighbourhood's deputy gets a bulletin that was not relayed, and whether alerts may
    be followed by a longer version.
    """

    def save() -> ResponseReturnValue:
        save_policy(form_fields.number("hours"), form_fields.ticked("longer"), actor(), utc_now())
        return done(_("Modifications enregistrées."), "bulletins.bulletins")

    return form_page(lambda sentence: _list_page(("hours", sentence)), save)


def _list_page(refusal: tuple[str, str] | None = None) -> str:
    sent = sent_bulletins(form_fields.number("page", 1) or 1, PER_PAGE)
    return render_template(
        "bulletins/bulletins.html",
        drafts=drafts() if sent.page == 1 else [],
        sent=sent,
        tallies=tallies(card.id for card in sent.rows),
        deputy_after_h=deputy_after_h(),
        mail_leaves=mail_leaves(),
        refusal=refusal,
    )


def _save(bulletin_id: int | None) -> ResponseReturnValue:
    """Save the draft and go to its check; adding or removing a language only shows the form again."""
    draft, nonce = typed_bulletin(), form_fields.typed_nonce()
    do, _colon, language = request.form.get("do", "").partition(":")
    if do == "add":
        return _page(with_language(draft, language), nonce, bulletin_id)
    if do == "remove":
        return _page(without_language(draft, language), nonce, bulletin_id)
    if draft.category == "none":
        return redirect(url_for("bulletins.not_security"))

    def save() -> ResponseReturnValue:
        saved = save_draft(bulletin_id, draft, nonce, actor(), utc_now())
        return redirect(url_for("bulletins.check", bulletin_id=saved), 303)

    return form_page(lambda sentence: _page(draft, nonce, bulletin_id, sentence), save)


def _alert(broadcast_id: int | None) -> Progress | None:
    return progress(broadcast_id, utc_now()) if broadcast_id else None


def _page(draft: BulletinDraft, nonce: str, bulletin_id: int | None, sentence: str = "") -> str:
    return render_template(
        "bulletins/write.html",
        draft=draft,
        nonce=nonce,
        languages=open_languages(draft),
        bulletin_id=bulletin_id,
        alert=_alert(draft.alert_id),
        neighbourhoods=neighbourhoods(),
        mail_leaves=mail_leaves(),
        sentence=sentence,
    )
