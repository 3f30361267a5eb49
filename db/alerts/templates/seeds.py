"""The ready-made alerts and words that a fresh database starts with: facts and what to do, no person's looks."""

import json
import tomllib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from db.models.broadcasts import AlertTemplate, AlertTemplateText, AlertWording
from rules.people import LANGUAGES
from rules.warning.templates import Choice, Field, TemplateDraft

# What a police zone is called in each language, before its place; then the words before its urgent number.
_POLICE = {"fr": "Police", "nl": "Politie", "de": "Polizei", "en": "Police"}
_URGENT = {"fr": "Urgence", "nl": "Noodgeval", "de": "Notruf", "en": "Emergency"}
_WITHOUT_A_PLACE = {"fr": "Police locale:", "nl": "Lokale politie:", "de": "Lokale Polizei:", "en": "Local police:"}
_LOCAL = ("Police locale ", "Police ", "Zone de police ", "Politiezone ", "Lokale Politie ", "Polizeizone ")

# With more, a ready-made alert is no longer one SMS: tests/languages/test_one_part.py.
_LONGEST_PLACE = 26
_KEPT = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _template(row: dict[str, Any]) -> TemplateDraft:
    fields = []
    for field in row.get("fields", ()):
        words = (zip(LANGUAGES, choice.split(" | "), strict=True) for choice in field.get("choices", ()))
        fields.append(Field(**field | {"choices": tuple(Choice(tuple(answer)) for answer in words)}))
    texts = {language: row[language] for language in LANGUAGES}
    return TemplateDraft(row["title"], row["icon"], row.get("kind", "alert"), tuple(fields), texts)


SEEDS = tuple(_template(row) for row in _KEPT["template"])


def seed_templates(zone_name: str, emergency: str, now: datetime) -> None:
    """Fill a database that never had any, inside the caller's transaction. What an admin deleted stays away."""
    if AlertWording.select().exists():
        return
    for language, prefix, closing in seeded_wordings(zone_name, emergency):
        AlertWording.create(language=language, prefix=prefix, closing=closing)
    for position, seed in enumerate(SEEDS):
        row = AlertTemplate.create(
            title=seed.title,
            icon=seed.icon,
            kind=seed.kind,
            position=position,
            fields=json.dumps([asdict(field) for field in seed.fields], ensure_ascii=False),
            changed_by="plp",
            changed_at=now,
        )
        for language, body in seed.texts.items():
            AlertTemplateText.create(template=row, language=language, body=body)


def rename_wordings(old: tuple[str, str], new: tuple[str, str]) -> None:
    """Follow a zone that changes its name and emergency number, inside the caller's transaction: words that are still
    those of the old ones become those of the new ones.
    """
    for (language, *words), (_language, *renamed) in zip(seeded_wordings(*old), seeded_wordings(*new), strict=True):
        for column, before, after in zip((AlertWording.prefix, AlertWording.closing), words, renamed, strict=True):
            AlertWording.update({column: after}).where(AlertWording.language == language, column == before).execute()


def seeded_wordings(zone_name: str, emergency: str) -> list[tuple[str, str, str]]:
    """Language, first words, last words: `Police Seraing/Neupré:` … `Urgence: 101`."""
    place = next((zone_name.removeprefix(words) for words in _LOCAL if zone_name.startswith(words)), zone_name)
    fits = 0 < len(place) <= _LONGEST_PLACE
    return [
        (
            language,
            f"{_POLICE[language]} {place}:" if fits else _WITHOUT_A_PLACE[language],
            f"{_URGENT[language]}: {emergency}" if emergency else "",
        )
        for language in LANGUAGES
    ]
