"""Write a bulletin: the category, then the texts; and the list of drafts and sent bulletins."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.bulletins.blueprint import blueprint, draft_of, mail_leaves, reader, sender
from console.bulletins.draft import Form, form_of, new_form, typed_form, with_language, without_language
from console.web import form_fields
from console.web.acting import FORM, done, form_page
from console.web.roles import roles
from console.web.session import actor
from db.alerts.progress.progress import Progress, progress
from db.bulletins.drafts import delete_draft, save_draft
from db.bulletins.feedback import feedback_owed, longer_wanted
from db.bulletins.listing import drafts, sent_bulletins
from db.bulletins.owed import deputy_after_h, save_policy
from db.bulletins.relay import tallies
from db.bulletins.values import CATEGORIES
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods
from db.people.zone import directory, proximity_stations
from plp.rules.broadcasts import LONGER

PER_PAGE = 20


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


@blueprint.get("/new")
@sender
def write() -> ResponseReturnValue:
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
    return _page(new_form(category, alert), None)


@blueprint.post("/new")
@sender
def write_now() -> ResponseReturnValue:
    return _save(None)


@blueprint.route("/<int:bulletin_id>/edit", methods=FORM)
@sender
def edit(bulletin_id: int) -> ResponseReturnValue:
    card = draft_of(bulletin_id)
    return _save(bulletin_id) if request.method == "POST" else _page(form_of(card), bulletin_id)


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
    form = typed_form()
    do, _colon, language = request.form.get("do", "").partition(":")
    if do == "add":
        return _page(with_language(form, language, _alert(form.draft.alert_id)), bulletin_id)
    if do == "remove":
        return _page(without_language(form, language), bulletin_id)
    if form.draft.category == "none":
        return redirect(url_for("bulletins.not_security"))

    def save() -> ResponseReturnValue:
        saved = save_draft(bulletin_id, form.draft, form.nonce, actor(), utc_now())
        return redirect(url_for("bulletins.check", bulletin_id=saved), 303)

    return form_page(lambda sentence: _page(form, bulletin_id, sentence), save)


def _alert(broadcast_id: int | None) -> Progress | None:
    return progress(broadcast_id, utc_now()) if broadcast_id else None


def _page(form: Form, bulletin_id: int | None, sentence: str = "") -> str:
    return render_template(
        "bulletins/write.html",
        form=form,
        draft=form.draft,
        bulletin_id=bulletin_id,
        alert=_alert(form.draft.alert_id),
        neighbourhoods=neighbourhoods(),
        mail_leaves=mail_leaves(),
        sentence=sentence,
    )
