"""Ready-made alerts and the words that alerts begin and end with: the admin keeps them."""

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from console.web import form_fields
from console.web.acting import actor, done
from console.web.pages import Pages, Served, refusal_now
from db.alerts.templates import outcome_words, template, templates, wordings
from db.engine.clock import utc_now
from modem.sms.composition import Count, count
from plp.services import texts as services
from rules.languages import LANGUAGES
from rules.orders import warning
from rules.tips import ANSWERED

blueprint = Pages("ready_made", "/ready-made")

_BETWEEN_LANGUAGES = " | "
# The first words that a text wants are most often a place.
_PLACE, _WORDS, _TIME = "rue de la Station 12", "quelques mots", "21:40"


@blueprint.get("", may="see_settings")
def ready_made() -> str:
    """After a refusal, the words of its form as they were typed."""
    form = request.endpoint if refusal_now() else ""
    return render_template(
        "admin/ready_made/ready_made.html",
        cards=templates(),
        wordings=_typed_wordings() if form == "ready_made.words_now" else wordings(),
        outcomes=_typed_outcomes() if form == "ready_made.outcomes_now" else outcome_words(),
    )


def _typed_wordings() -> dict[str, warning.Wording]:
    return {
        language: warning.Wording(
            language,
            form_fields.line(f"prefix_{language}"),
            form_fields.line(f"closing_{language}"),
            form_fields.ticked(f"required_{language}"),
        )
        for language in LANGUAGES
    }


@blueprint.form("/words", ready_made, may="edit_settings", methods=["POST"])
def words_now() -> Served:
    services.save_wordings(_typed_wordings().values(), actor(), utc_now())
    return done(_("Le début et la fin des alertes sont enregistrés."), "ready_made.ready_made")


def _typed_outcomes() -> dict[str, dict[str, str]]:
    """The words that answer a tip, by language and outcome."""
    return {
        language: {outcome: form_fields.line(f"{outcome}_{language}") for outcome in ANSWERED} for language in LANGUAGES
    }


@blueprint.form("/outcomes", ready_made, may="edit_settings", methods=["POST"])
def outcomes_now() -> Served:
    services.save_outcome_words(_typed_outcomes(), actor(), utc_now())
    return done(_("Les réponses aux signalements sont enregistrées."), "ready_made.ready_made", _anchor="outcomes")


def _edit_page(template_id: int | None) -> str:
    card = _card(template_id) if template_id is not None else None
    if request.method == "POST":
        draft = _typed()
    elif card is not None:
        draft = warning.TemplateDraft(card.title, card.icon, card.kind, card.fields, card.texts, card.can_wait)
    else:
        draft = warning.TemplateDraft("", warning.ICONS[0], "alert", (), {})
    empty = [warning.Field("", "")] * (warning.MOST_FIELDS - len(draft.fields))
    return render_template(
        "admin/ready_made/form.html",
        card=card,
        draft=draft,
        rows=[*draft.fields, *empty][: warning.MOST_FIELDS],
        between=_BETWEEN_LANGUAGES,
        icons=warning.ICONS,
        previews=_previews(draft),
    )


@blueprint.form("/add", _edit_page, endpoint="add", defaults={"template_id": None}, may="edit_settings")
@blueprint.form("/<int:template_id>", _edit_page, may="edit_settings")
def edit(template_id: int | None) -> Served:
    if request.form.get("do") == "preview":
        return _edit_page(template_id)
    draft = _typed()
    services.save_template(template_id, draft, actor(), utc_now())
    return done(_("Modèle « %(title)s » enregistré.", title=draft.title), "ready_made.ready_made")


@blueprint.post("/<int:template_id>/move", may="edit_settings")
def move(template_id: int) -> Served:
    services.move_template(_card(template_id).id, -1 if request.form.get("do") == "up" else 1)
    return redirect(url_for("ready_made.ready_made"))


@blueprint.post("/<int:template_id>/delete", may="edit_settings")
def delete(template_id: int) -> Served:
    card = _card(template_id)
    services.delete_template(card.id, actor(), utc_now())
    return done(_("Modèle « %(title)s » supprimé.", title=card.title), "ready_made.ready_made")


def _card(template_id: int) -> warning.TemplateCard:
    return template(template_id) or abort(404)


def _typed() -> warning.TemplateDraft:
    typed = (_typed_field(row) for row in range(warning.MOST_FIELDS))
    return warning.TemplateDraft(
        title=form_fields.line("title"),
        icon=form_fields.line("icon"),
        kind="drill" if request.form.get("kind") == "drill" else "alert",
        fields=tuple(field for field in typed if field is not None),
        texts={language: form_fields.paragraphs(f"text_{language}", 2000) for language in LANGUAGES},
        can_wait=form_fields.ticked("can_wait"),
    )


def _typed_field(row: int) -> warning.Field | None:
    """One row of the form, None for an empty one."""
    name, label = form_fields.line(f"field_name_{row}"), form_fields.line(f"field_label_{row}")
    if not name and not label:
        return None
    kind = next(
        (kind for kind in warning.FIELD_KINDS if kind == request.form.get(f"field_kind_{row}")), warning.FIELD_KINDS[0]
    )
    lines = form_fields.paragraphs(f"field_choices_{row}", 4000).splitlines()
    choices = tuple(_typed_choice(line) for line in lines if line.strip()) if kind == "choice" else ()
    return warning.Field(name, label, kind, form_fields.ticked(f"field_optional_{row}"), choices)


def _typed_choice(line: str) -> warning.Choice:
    said_in_each = [part.strip() for part in line.split(_BETWEEN_LANGUAGES.strip())]
    # Languages beyond the last bar have no words of their own: the first ones serve.
    return warning.Choice(
        tuple(pair for pair in zip(LANGUAGES, said_in_each, strict=False) if pair[0] == "fr" or pair[1])
    )


def _previews(draft: warning.TemplateDraft) -> list[tuple[str, str, Count]]:
    """Each language with its text filled in with examples, and what that counts."""
    words_asked = [field.name for field in draft.fields if field.kind == "text"]
    place = "lieu" if "lieu" in words_asked else next(iter(words_asked), "")
    examples = {"time": _TIME, "text": _WORDS}
    answers = {
        field.name: examples.get(field.kind) or max((choice.value for choice in field.choices), key=len, default="")
        for field in draft.fields
    }
    answers |= {place: _PLACE} if place else {}
    words = wordings()
    shown = {
        language: warning.framed(warning.filled(body, draft.fields, answers, language), words[language])
        for language, body in draft.texts.items()
        if body.strip()
    }
    return [(language, text, count(text)) for language, text in shown.items()]
