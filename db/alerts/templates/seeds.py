"""The ready-made alerts and words that a fresh database starts with: facts and what to do, no person's looks."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from db.alerts.templates.kept import put_template
from db.models.broadcasts import AlertWording
from rules.languages import LANGUAGES, TRAITS, written
from rules.warning.templates import Choice, Field, TemplateDraft

_LOCAL = tuple(words for traits in TRAITS.values() for words in traits["sender"]["zone_names"])

# With more, a ready-made alert is no longer one SMS: tests/languages/test_one_part.py.
_LONGEST_PLACE = 20
_WORDS = written("alerts")
_KEPT = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


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
    """Fill a database that never had any, inside the caller's transaction. Templates that an admin deleted stay
    deleted."""
    if AlertWording.select().exists():
        return
    for language, prefix, closing in seeded_wordings(zone_name, emergency):
        AlertWording.create(language=language, prefix=prefix, closing=closing)
    for seed in SEEDS:
        put_template(None, seed, "plp", now)


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
    seeded = []
    for language, words in ((code, traits["sender"]) for code, traits in TRAITS.items()):
        first = f"{words['police']} {place}:" if fits else words["without_a_place"]
        seeded.append((language, first, f"{words['urgent']}: {emergency}" if emergency else ""))
    return seeded
