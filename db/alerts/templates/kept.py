"""Ready-made alerts with their texts, and the words that alerts begin and end with, as they are stored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache

from peewee import fn

from db.engine.base import put
from db.engine.cached_queries import Prepared
from db.models.broadcasts import AlertTemplate, AlertWording
from rules.languages import LANGUAGES, written
from rules.warning.templates import Choice, Field, TemplateCard, TemplateDraft, TemplateKind, Wording

_ALL = Prepared(AlertTemplate.select().order_by(AlertTemplate.position, AlertTemplate.id))
_WORDINGS = Prepared(AlertWording.select())


def templates() -> list[TemplateCard]:
    """All of them, in the order of the tiles."""
    return [_card(row) for row in _ALL.results()]


def template(template_id: int) -> TemplateCard | None:
    """One of them."""
    row = AlertTemplate.get_or_none(AlertTemplate.id == template_id)
    return None if row is None else _card(row)


def put_template(template_id: int | None, draft: TemplateDraft, by: str, now: datetime) -> int | None:
    """Add a template, or change this one, inside the caller's transaction. Returns its id; None if it was deleted."""
    values = {
        "title": draft.title,
        "icon": draft.icon,
        "kind": draft.kind,
        "can_wait": draft.can_wait,
        "texts": json.dumps(dict(draft.texts), ensure_ascii=False),
        "fields": json.dumps([asdict(field) for field in draft.fields], ensure_ascii=False),
        "changed_by": by,
        "changed_at": now,
    }
    if template_id is None:
        last = AlertTemplate.select(fn.COALESCE(fn.MAX(AlertTemplate.position), 0)).scalar()
        return int(AlertTemplate.create(position=last + 1, **values).id)
    return template_id if AlertTemplate.update(values).where(AlertTemplate.id == template_id).execute() else None


def remove_template(template_id: int) -> None:
    """Delete a template; alerts that were written from it are unchanged."""
    AlertTemplate.delete().where(AlertTemplate.id == template_id).execute()


def put_in_order(template_ids: Sequence[int]) -> None:
    """Give the tiles this order."""
    for position, template_id in enumerate(template_ids):
        AlertTemplate.update(position=position).where(AlertTemplate.id == template_id).execute()


def wordings() -> dict[str, Wording]:
    """By language, of every language; one that nobody kept begins and ends with nothing, and is required."""
    rows = {row.language: row for row in _WORDINGS.results()}
    return {
        language: Wording(language, row.prefix, row.closing, row.required)
        if (row := rows.get(language))
        else Wording(language, "", "", True)
        for language in LANGUAGES
    }


def put_wording(wording: Wording) -> None:
    """Store the words of one language."""
    values = {"prefix": wording.prefix, "closing": wording.closing, "required": wording.required}
    if not AlertWording.update(values).where(AlertWording.language == wording.language).execute():
        AlertWording.create(language=wording.language, **values)


def outcome_words() -> dict[str, dict[str, str]]:
    """By language and outcome of a tip, the words that answer it: the zone's, or those that the product comes with."""
    rows = {row.language: json.loads(row.answers) for row in _WORDINGS.results()}
    return {language: letters["outcomes"] | rows.get(language, {}) for language, letters in written("letters").items()}


def put_outcome_words(language: str, words: Mapping[str, str]) -> None:
    """Store the words of one language."""
    put(AlertWording, {"language": language}, answers=json.dumps(dict(words), ensure_ascii=False))


def _card(row: AlertTemplate) -> TemplateCard:
    texts = json.loads(row.texts)
    missing = tuple(language for language in LANGUAGES if language not in texts)
    kind: TemplateKind = "drill" if row.kind == "drill" else "alert"
    return TemplateCard(row.title, row.icon, kind, _fields(row.fields), texts, row.can_wait, id=row.id, missing=missing)


@lru_cache(maxsize=256)
def _fields(stored: str) -> tuple[Field, ...]:
    return tuple(map(_field, json.loads(stored)))


def _field(stored: dict[str, object]) -> Field:
    choices = stored.pop("choices", [])
    words = [Choice(tuple((language, text) for language, text in choice["words"])) for choice in choices]  # type: ignore[attr-defined]
    return Field(**stored, choices=tuple(words))  # type: ignore[arg-type]
