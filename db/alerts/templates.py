"""Ready-made alerts, and the words that alerts begin and end with, as stored and as a fresh database has them."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from peewee import fn

from db.engine.base import put
from db.engine.cached_queries import Prepared
from db.models.broadcasts import AlertTemplate, AlertWording
from rules.languages import LANGUAGES, TRAITS, written
from rules.orders.warning import Choice, Field, TemplateCard, TemplateDraft, TemplateKind, Wording

_ALL = Prepared(AlertTemplate.select().order_by(AlertTemplate.position, AlertTemplate.id))
_WORDINGS = Prepared(AlertWording.select())
_LOCAL = tuple(words for traits in TRAITS.values() for words in traits["sender"]["zone_names"])
# With more, a ready-made alert is no longer one SMS: tests/languages/test_one_part.py.
_LONGEST_PLACE = 20
_WORDS = written("alerts")
_KEPT = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def templates() -> list[TemplateCard]:
    """All of them, in the order of the tiles."""
    return [_card(row) for row in _ALL.results()]


def template(template_id: int) -> TemplateCard | None:
    """One of them."""
    row = AlertTemplate.get_or_none(AlertTemplate.id == template_id)
    return None if row is None else _card(row)


def put_template(template_id: int | None, draft: TemplateDraft, by: str, now: datetime) -> int | None:
    """Add a template, or change this one, inside the caller's transaction. Returns its id; None if it was deleted."""
    values = asdict(draft) | {"changed_by": by, "changed_at": now}
    values |= {name: json.dumps(values[name], ensure_ascii=False) for name in ("texts", "fields")}
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
    kept = {row.language: Wording(row.language, row.prefix, row.closing, row.required) for row in _WORDINGS.results()}
    return {language: kept.get(language) or Wording(language, "", "", True) for language in LANGUAGES}


def put_wording(wording: Wording) -> None:
    """Store the words of one language."""
    kept = {"prefix": wording.prefix, "closing": wording.closing, "required": wording.required}
    put(AlertWording, {"language": wording.language}, **kept)


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
    fields = []
    for field in json.loads(stored):
        choices = [Choice(tuple(map(tuple, choice["words"]))) for choice in field.pop("choices", [])]
        fields.append(Field(**field, choices=tuple(choices)))
    return tuple(fields)


def _template(row: dict[str, Any]) -> TemplateDraft:
    spoken = {language: alerts[row["title"]] for language, alerts in _WORDS.items()}
    fields = []
    for field in row.get("fields", ()):
        answers = zip(*(words.get(field["name"], ()) for words in spoken.values()), strict=True)
        choices = tuple(Choice(tuple(zip(LANGUAGES, answer, strict=True))) for answer in answers)
        fields.append(Field(**field, choices=choices))
    texts = {language: words["text"] for language, words in spoken.items()}
    kind, can_wait = row.get("kind", "alert"), row.get("can_wait", False)
    return TemplateDraft(row["title"], row["icon"], kind, tuple(fields), texts, can_wait)


SEEDS = tuple(_template(row) for row in _KEPT["template"])


def seed_templates(zone_name: str, emergency: str, now: datetime) -> None:
    """Fill a database that never had any, in the caller's transaction; what an admin deleted stays deleted."""
    if AlertWording.select().exists():
        return
    for language, prefix, closing in seeded_wordings(zone_name, emergency):
        AlertWording.create(language=language, prefix=prefix, closing=closing)
    for seed in SEEDS:
        put_template(None, seed, "plp", now)


def rename_wordings(old: tuple[str, str], new: tuple[str, str]) -> None:
    """Follow a zone's new name and emergency number in words that are still those of the old ones."""
    for (language, *words), (_language, *renamed) in zip(seeded_wordings(*old), seeded_wordings(*new), strict=True):
        for column, before, after in zip((AlertWording.prefix, AlertWording.closing), words, renamed, strict=True):
            AlertWording.update({column: after}).where(AlertWording.language == language, column == before).execute()


def seeded_wordings(zone_name: str, emergency: str) -> list[tuple[str, str, str]]:
    """Language, first words, last words: `Police Seraing/Neupré:` … `Urgence: 101`."""
    place = next((zone_name.removeprefix(words) for words in _LOCAL if zone_name.startswith(words)), zone_name)
    fits = 0 < len(place) <= _LONGEST_PLACE
    seeded = []
    for language, words in ((code, traits["sender"]) for code, traits in TRAITS.items()):
        first = f"{words['police']} {place}:" if fits else words["without_a_place"]
        seeded.append((language, first, f"{words['urgent']}: {emergency}" if emergency else ""))
    return seeded
