"""Changes of ready-made alerts and of the words that alerts begin and end with."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from db.alerts import templates as storage
from db.engine.connection import writing
from db.journal import audit
from plp.services.texts import in_one_text
from rules.orders.warning import ICONS, TemplateDraft, Wording, require_short, require_sound
from rules.refusals import Refusal, required


def save_template(template_id: int | None, draft: TemplateDraft, by: str, now: datetime) -> int:
    """Add or change a template; returns its id. Raises Refusal with what is wrong, and then changes nothing."""
    require_sound(draft)
    icon = draft.icon if draft.icon in ICONS else ICONS[0]
    texts = {language: body.strip() for language, body in draft.texts.items() if body.strip()}
    with writing():
        whole = replace(draft, title=draft.title.strip(), icon=icon, texts=texts)
        saved = required(storage.put_template(template_id, whole, by, now), Refusal("Ce modèle n'existe plus."))
        audit.record(now, by, "template_saved", str(saved))
        return saved


def delete_template(template_id: int, by: str, now: datetime) -> None:
    """Delete a template; does nothing if it was already deleted. Alerts written from it are unchanged."""
    with writing():
        storage.remove_template(template_id)
        audit.record(now, by, "template_deleted", str(template_id))


def move_template(template_id: int, by: int) -> None:
    """Move its tile one place up (-1) or down (1)."""
    with writing():
        ids = [card.id for card in storage.templates()]
        if template_id in ids:
            place = ids.index(template_id)
            ids.insert(max(0, place + by), ids.pop(place))
            storage.put_in_order(ids)


def save_wordings(wanted: Collection[Wording], by: str, now: datetime) -> None:
    """Store first and last words of alerts. Raises Refusal for words that are too long."""
    for wording in wanted:
        require_short(wording)
    with writing():
        for wording in wanted:
            storage.put_wording(replace(wording, prefix=wording.prefix.strip(), closing=wording.closing.strip()))
        audit.record(now, by, "wording_saved")


def save_outcome_words(wanted: Mapping[str, Mapping[str, str]], by: str, now: datetime) -> None:
    """Store the words that answer a tip, by language and outcome; empty: the product's. Raises Refusal over one SMS."""
    whole = {
        language: {outcome: in_one_text(text) for outcome, text in words.items() if text.strip()}
        for language, words in wanted.items()
    }
    with writing():
        for language, words in whole.items():
            storage.put_outcome_words(language, words)
        audit.record(now, by, "outcome_words_saved")
