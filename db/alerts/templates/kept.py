"""Ready-made alerts as the admin keeps them, and the words that alerts begin and end with."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache

from peewee import fn

from db.alerts.templates.values import (
    FIELD_NAME,
    ICONS,
    LONGEST_BODY,
    LONGEST_CHOICE,
    LONGEST_LABEL,
    LONGEST_TITLE,
    MOST_CHOICES,
    MOST_FIELDS,
    Choice,
    Field,
    TemplateCard,
    TemplateDraft,
    TemplateKind,
    Wording,
    require_fillable,
)
from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.journal import audit
from db.models.templates import AlertTemplate, AlertTemplateText, AlertWording
from plp.rules.people import LANGUAGES
from plp.rules.refusals import Refusal

LONGEST_WORDING = 60


def templates() -> list[TemplateCard]:
    """All of them, in the order of the tiles."""
    rows = _ALL.found()
    texts: dict[int, dict[str, str]] = {row.id: {} for row in rows}
    for template_id, language, body in _TEXTS.rows():
        texts[template_id][language] = body
    return [_card(row, texts[row.id]) for row in rows]


def template(template_id: int) -> TemplateCard | None:
    """One of them."""
    row = AlertTemplate.get_or_none(AlertTemplate.id == template_id)
    if row is None:
        return None
    texts = AlertTemplateText.select().where(AlertTemplateText.template == row.id)
    return _card(row, {text.language: text.body for text in texts})


def save_template(template_id: int | None, draft: TemplateDraft, by: str, now: datetime) -> int:
    """Add or change a template; returns its id. Raises Refusal with what is wrong, and then changes nothing."""
    _require_sound(draft)
    values = {
        "title": draft.title.strip(),
        "icon": draft.icon if draft.icon in ICONS else ICONS[0],
        "kind": draft.kind,
        "fields": json.dumps([asdict(field) for field in draft.fields], ensure_ascii=False),
        "changed_by": by,
        "changed_at": now,
    }
    with writing():
        if template_id is None:
            last = AlertTemplate.select(fn.COALESCE(fn.MAX(AlertTemplate.position), 0)).scalar()
            template_id = int(AlertTemplate.create(position=last + 1, **values).id)
        elif not AlertTemplate.update(values).where(AlertTemplate.id == template_id).execute():
            raise Refusal("Ce modèle n'existe plus.")
        AlertTemplateText.delete().where(AlertTemplateText.template == template_id).execute()
        for language, body in draft.texts.items():
            if body.strip():
                AlertTemplateText.create(template=template_id, language=language, body=body.strip())
        audit.record(now, by, "template_saved", str(template_id))
    return template_id


def delete_template(template_id: int, by: str, now: datetime) -> None:
    """Delete a template; does nothing when there is none. Alerts that were written from it stay as they are."""
    with writing():
        AlertTemplate.delete().where(AlertTemplate.id == template_id).execute()
        audit.record(now, by, "template_deleted", str(template_id))


def move_template(template_id: int, by: int) -> None:
    """Its tile one place up (-1) or down (1)."""
    with writing():
        ids = [row.id for row in AlertTemplate.select(AlertTemplate.id).order_by(AlertTemplate.position)]
        if template_id not in ids:
            return
        here = ids.index(template_id)
        there = min(max(0, here + by), len(ids) - 1)
        ids.insert(there, ids.pop(here))
        for position, each in enumerate(ids):
            AlertTemplate.update(position=position).where(AlertTemplate.id == each).execute()


def wordings() -> dict[str, Wording]:
    """By language, of every language; one that nobody kept begins and ends with nothing, and is required."""
    rows = {row.language: row for row in _WORDINGS.found()}
    return {
        language: Wording(language, row.prefix, row.closing, row.required)
        if (row := rows.get(language))
        else Wording(language, "", "", True)
        for language in LANGUAGES
    }


_ALL = Prepared(lambda: AlertTemplate.select().order_by(AlertTemplate.position, AlertTemplate.id))
_TEXTS = Prepared(
    lambda: AlertTemplateText.select(AlertTemplateText.template, AlertTemplateText.language, AlertTemplateText.body)
)
_WORDINGS = Prepared(lambda: AlertWording.select())


def save_wordings(wanted: Iterable[Wording], by: str, now: datetime) -> None:
    """Keep them. Raises Refusal for words that are too long."""
    wanted = list(wanted)
    for each in wanted:
        if max(len(each.prefix), len(each.closing)) > LONGEST_WORDING:
            raise Refusal("Le début et la fin d'une alerte ont {most} caractères au plus.", most=LONGEST_WORDING)
    with writing():
        for each in wanted:
            values = {"prefix": each.prefix.strip(), "closing": each.closing.strip(), "required": each.required}
            if not AlertWording.update(values).where(AlertWording.language == each.language).execute():
                AlertWording.create(language=each.language, **values)
        audit.record(now, by, "wording_saved")


def _require_sound(draft: TemplateDraft) -> None:
    if not draft.title.strip():
        raise Refusal("Donnez un titre au modèle : il figure sur son raccourci.")
    if len(draft.title) > LONGEST_TITLE:
        raise Refusal("Le titre a {most} caractères au plus.", most=LONGEST_TITLE)
    if len(draft.fields) > MOST_FIELDS:
        raise Refusal("Un modèle a {most} champs au plus.", most=MOST_FIELDS)
    names = [field.name for field in draft.fields]
    for field in draft.fields:
        _require_sound_field(field, names)
    if not draft.texts.get(LANGUAGES[0], "").strip():
        raise Refusal("Écrivez au moins le texte français.")
    for language, body in draft.texts.items():
        if len(body) > LONGEST_BODY:
            raise Refusal("Le texte ({language}) a {most} caractères au plus.", language=language, most=LONGEST_BODY)
        require_fillable(body, draft.fields, language)


def _require_sound_field(field: Field, names: list[str]) -> None:
    if not FIELD_NAME.fullmatch(field.name):
        raise Refusal(
            "« {name} » n'est pas un nom de champ : une lettre minuscule sans accent, puis des lettres, des chiffres "
            "ou des tirets bas, 20 au plus.",
            name=field.name[:30],
        )
    if names.count(field.name) > 1:
        raise Refusal("Deux champs s'appellent « {name} » : donnez-leur des noms différents.", name=field.name)
    if not 0 < len(field.label) <= LONGEST_LABEL:
        raise Refusal(
            "Indiquez l'intitulé du champ « {name} », en {most} caractères au plus.",
            name=field.name,
            most=LONGEST_LABEL,
        )
    if field.kind == "choice" and not 0 < len(field.choices) <= MOST_CHOICES:
        raise Refusal("Le champ « {name} » a de 1 à {most} réponses.", name=field.name, most=MOST_CHOICES)
    for choice in field.choices:
        if any(not text or len(text) > LONGEST_CHOICE or set(text) & set("{}[]") for _language, text in choice.words):
            raise Refusal(
                "Une réponse du champ « {name} » est vide, a plus de {most} caractères ou des accolades.",
                name=field.name,
                most=LONGEST_CHOICE,
            )


def _card(row: AlertTemplate, texts: dict[str, str]) -> TemplateCard:
    missing = tuple(language for language in LANGUAGES if language not in texts)
    kind: TemplateKind = "drill" if row.kind == "drill" else "alert"
    return TemplateCard(row.title, row.icon, kind, _fields(row.fields), texts, id=row.id, missing=missing)


@lru_cache(maxsize=256)
def _fields(stored: str) -> tuple[Field, ...]:
    return tuple(_field(each) for each in json.loads(stored))


def _field(stored: dict[str, object]) -> Field:
    choices = stored.pop("choices", [])
    words = [Choice(tuple((language, text) for language, text in each["words"])) for each in choices]  # type: ignore[attr-defined]
    return Field(**stored, choices=tuple(words))  # type: ignore[arg-type]
