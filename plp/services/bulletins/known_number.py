"""The number that alerts come from is known to members: what is proposed when a SIM has another one."""

from collections.abc import Sequence
from datetime import datetime

from db.bulletins.values import BulletinDraft, Words
from db.engine.connection import writing
from db.inbound.replies.senders import mark_numbers_told, untold_numbers
from db.journal import audit
from db.people.zone import ZoneCard, zone
from modem.sms.composition import compose, one_part
from plp.letters.rendering import KNOWN_NUMBER, SMS, to_call
from plp.services.bulletins.drafts import save_draft
from rules.languages import LANGUAGES
from rules.numbers import shown

# How the zone works, not a case: what coordinators are told of tactics and wanted persons has other readers.
CATEGORY = "strategic"


def known_number_words(language: str, zone_card: ZoneCard, numbers: Sequence[str]) -> dict[str, str]:
    """The words of the page to print and of the bulletin in this language, with the zone's own and these numbers."""
    own = {"zone": zone_card.name, "call": to_call(zone_card, language), "numbers": ", ".join(map(shown, numbers))}
    return {name: text.format(**own).strip() for name, text in KNOWN_NUMBER[language].items()}


def new_number_texts(numbers: Sequence[str]) -> dict[str, str]:
    """The SMS about these numbers that an officer may send, by language; a long name of the zone gives way."""
    card, texts = zone(), dict[str, str]()
    for language in LANGUAGES:
        words, named = SMS[language], ", ".join(map(shown, numbers))
        possible = [
            words["new_number"].format(zone=name, number=named, emergency=card.emergency)
            for name in (card.name, words["zone"])
        ]
        texts[language] = (one_part(possible) or compose(possible[-1])).text
    return texts


def draft_new_number_bulletin(nonce: str, by: str, now: datetime) -> int:
    """Write a draft to all coordinators about the numbers that are not announced yet; returns its id. Raises
    Refusal."""
    card, numbers = zone(), untold_numbers()
    told = ((language, known_number_words(language, card, numbers)) for language in LANGUAGES)
    texts = tuple(Words(language, words["bulletin_title"], words["bulletin"]) for language, words in told)
    return save_draft(None, BulletinDraft(CATEGORY, texts, everywhere=True), nonce, by, now)


def tell_numbers(by: str, now: datetime) -> None:
    """Record that the members know all numbers, whoever informed them and how."""
    with writing():
        numbers = untold_numbers()
        mark_numbers_told(numbers)
        if numbers:
            audit.record(now, by, "alert_numbers_told", "", numbers=len(numbers))
