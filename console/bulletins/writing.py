"""Write a bulletin: the category, then the texts; and the list of drafts and sent bulletins."""

from dataclasses import replace

from babel.dates import format_datetime
from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale, get_timezone
from flask_babel import gettext as _

from base.catalogues import SOURCE
from console.bulletins.blueprint import blueprint, draft_of
from console.i18n.labels import TIP_OUTCOMES
from console.i18n.translate import said
from console.web import form_fields
from console.web.acting import FORM, actor, done
from console.web.pages import Served
from db.alerts.orders.chosen import chosen
from db.alerts.progress.progress import Progress, progress
from db.bulletins.drafts import drafts, feedback_owed, longer_wanted, sent_bulletins
from db.bulletins.relay import deputy_after_h, tallies
from db.bulletins.values import CATEGORIES, BulletinDraft, Words
from db.engine.base import card_of
from db.engine.clock import utc_now
from db.inbound.tips import outcomes_to_tell
from db.people.zone import directory, proximity_stations
from plp.letters.rendering import STARTS
from plp.letters.strategic import strategic_words
from plp.services.bulletins.drafts import delete_draft, save_draft
from plp.services.bulletins.relaying import save_policy
from rules.languages import LANGUAGES, TRAITS
from rules.refusals import Refusal
from rules.states import LONGER
from rules.tips import OUTCOMES

PER_PAGE = 20
# Longer ones are refused with a sentence, and what was typed stays on the page.
MOST_CHARACTERS = 20_000


@blueprint.get("/", may="see_bulletins")
def bulletins() -> str:
    sent = sent_bulletins(form_fields.number("page", 1) or 1, PER_PAGE)
    return render_template(
        "bulletins/bulletins.html",
        drafts=drafts() if sent.page == 1 else [],
        sent=sent,
        tallies=tallies(card.id for card in sent.rows),
        deputy_after_h=deputy_after_h(),
    )


@blueprint.get("/choose", may="send_bulletins")
def choose() -> Served:
    """Choose the category; the page refers matters other than security to the local police station."""
    return render_template("bulletins/choose.html", owed=feedback_owed(utc_now()))


@blueprint.get("/not-security", may="send_bulletins")
def not_security() -> Served:
    """The page for what is not about security: nothing is sent, and it names who is responsible."""
    return render_template("bulletins/not_security.html", stations=proximity_stations() or directory())


@blueprint.route("/new", methods=FORM, may="send_bulletins")
def write() -> Served:
    if request.method == "POST":
        return _save(None)
    alert = _alert(form_fields.number("alert"))
    category = form_fields.line("category", 20) or ("feedback" if alert is not None else "")
    if category not in CATEGORIES or (category == LONGER and (alert is None or not longer_wanted())):
        return redirect(url_for("bulletins.choose"))
    # One for its alert: a second form would lose what was written in the first.
    for card in drafts():
        if alert is not None and (card.alert_id, card.category) == (alert.id, category):
            flash(_("Un brouillon existe déjà : il est affiché ci-dessous."))
            return redirect(url_for("bulletins.edit", bulletin_id=card.id))
    return _page(
        _of_figures() if category == "strategic" else _new_draft(category, alert), form_fields.new_nonce(), None
    )


@blueprint.route("/<int:bulletin_id>/edit", methods=FORM, may="send_bulletins")
def edit(bulletin_id: int) -> Served:
    card = draft_of(bulletin_id)
    if request.method == "POST":
        return _save(bulletin_id)
    return _page(card_of(BulletinDraft, card), card.nonce, bulletin_id)


@blueprint.post("/<int:bulletin_id>/delete", may="send_bulletins")
def delete(bulletin_id: int) -> Served:
    draft_of(bulletin_id)
    delete_draft(bulletin_id, actor(), utc_now())
    return done(_("Brouillon supprimé."), "bulletins.bulletins")


@blueprint.form("/deputy-after", bulletins, may="edit_settings", methods=["POST"])
def deputy_after_now() -> Served:
    """After how many hours the deputy gets a bulletin too, and whether alerts may have a longer version."""
    save_policy(form_fields.number("hours"), form_fields.ticked("longer"), actor(), utc_now())
    return done(_("Modifications enregistrées."), "bulletins.bulletins")


def _save(bulletin_id: int | None) -> Served:
    """Save the draft and go to its check; adding or removing a language only shows the form again."""
    draft, nonce = _typed(), form_fields.typed_nonce()
    do, _colon, language = request.form.get("do", "").partition(":")
    if do == "add" and language in _open_languages(draft):
        draft = replace(draft, texts=(*draft.texts, _start(draft.category, language, _alert(draft.alert_id))))
    if do == "remove":
        kept = tuple(words for words in draft.texts if words.language != language)  # one always stays
        draft = replace(draft, texts=kept or draft.texts)
    if do in ("add", "remove"):
        return _page(draft, nonce, bulletin_id)
    if draft.category == "none":
        return redirect(url_for("bulletins.not_security"))
    try:
        saved = save_draft(bulletin_id, draft, nonce, actor(), utc_now())
    except Refusal as refusal:
        return _page(draft, nonce, bulletin_id, said(refusal)), 400
    return redirect(url_for("bulletins.check", bulletin_id=saved), 303)


def _page(draft: BulletinDraft, nonce: str, bulletin_id: int | None, sentence: str = "") -> str:
    return render_template(
        "bulletins/write.html",
        draft=draft,
        nonce=nonce,
        languages=_open_languages(draft),
        bulletin_id=bulletin_id,
        alert=_alert(draft.alert_id),
        sentence=sentence,
    )


def _typed() -> BulletinDraft:
    form = request.form
    languages = [language for language in dict.fromkeys(form.getlist("language")) if language in LANGUAGES]
    titles = {language: form_fields.line(f"title_{language}", 300) for language in languages}
    bodies = {language: form_fields.paragraphs(f"body_{language}", MOST_CHARACTERS) for language in languages}
    return BulletinDraft(
        category=form_fields.line("category", 20),
        texts=tuple(Words(language, titles[language], bodies[language]) for language in languages),
        everywhere={"all": True, "some": False}.get(form.get("audience", "")),
        neighbourhood_ids=tuple(form_fields.numbers("neighbourhood")),
        alert_id=form_fields.number("alert"),
        group_ids=tuple(form_fields.numbers("group")),
    )


def _open_languages(draft: BulletinDraft) -> list[str]:
    taken = {words.language for words in draft.texts}
    return [language for language in LANGUAGES if language not in taken]


def _of_figures() -> BulletinDraft:
    """An analysis, with the figures of the year and neighbourhood of the address, if it names a year."""
    year, place = form_fields.number("year"), form_fields.number("place") or 0
    if not year:
        return _new_draft("strategic", None)
    words = Words(SOURCE, *strategic_words(year, place, SOURCE))
    return BulletinDraft("strategic", (words,), not place, (place,) if place else ())


def _new_draft(category: str, alert: Progress | None) -> BulletinDraft:
    """The first words; a feedback goes to where its alert went, a longer version has its alert's languages."""
    if alert is None:
        return BulletinDraft(category, (_start(category, SOURCE, None),), None)
    languages = [text.language for text in alert.texts] if category == LONGER else [SOURCE]
    texts = tuple(_start(category, language, alert) for language in languages)
    # Where they were not kept, or it went to none, the officer chooses.
    whom = chosen(alert.id)
    if whom is not None and whom.whom == "all":
        return BulletinDraft(category, texts, True, (), alert.id)
    places = tuple(number for number, _name in whom.places) if whom is not None else ()
    return BulletinDraft(category, texts, False if places else None, places, alert.id)


def _alert(broadcast_id: int | None) -> Progress | None:
    return progress(broadcast_id, utc_now()) if broadcast_id else None


def _start(category: str, language: str, alert: Progress | None) -> Words:
    """The first words of a category; a feedback's name its alert, and the corrections that people got."""
    title, body = (STARTS[language].get(f"{category}_{part}", "") for part in ("title", "body"))
    if "{when}" not in title:
        return Words(language, title, body)
    outcomes = _outcomes(alert, language) if category == "feedback" else []
    if alert is None:
        first, _blank, rest = body.replace("{when}", "…").replace("{text}", "…").partition("\n\n")
        return Words(language, title.replace("{when}", "…"), "\n\n".join([first, *outcomes, rest]))
    later = (progress(card.id, utc_now()) for card in alert.follow_ups if card.kind == "correction")
    corrections = [card for card in later if card is not None and card.went_out]
    first, _blank, rest = body.partition("\n\n")
    paragraphs = [_naming(first, alert, language)]
    paragraphs += [_naming(STARTS[language]["corrected"], card, language) for card in corrections]
    return Words(language, _naming(title, alert, language), "\n\n".join([*paragraphs, *outcomes, rest]))


def _outcomes(alert: Progress | None, language: str) -> list[str]:
    """The paragraphs of a feedback about reports that no earlier one spoke of; totals for all its readers."""
    whom = chosen(alert.id) if alert is not None else None
    places = [number for number, _name in whom.places] if whom is not None and whom.whom != "all" else []
    counts = outcomes_to_tell(alert.id if alert is not None else None, places)
    if not counts:
        return []
    with force_locale(language):
        lines = [
            "- " + _("%(why)s : %(words)s", why=TIP_OUTCOMES[outcome][0], words=counts[outcome])
            for outcome in OUTCOMES
            if outcome in counts
        ]
        return ["**" + _("Suite donnée aux signalements") + "**", "\n".join(lines)]


def _naming(words: str, sent: Progress, language: str) -> str:
    """`words` with the moment and the text of what was sent, as readers of this language got it."""
    pattern = f"{TRAITS[language]['day']} MMMM, HH:mm"
    when = format_datetime(sent.created_at, pattern, tzinfo=get_timezone(), locale=language)
    text = next((text.body for text in sent.texts if text.language == language), sent.text)
    return words.replace("{when}", when).replace("{text}", text)
