"""The text guard with this zone's own numbers, sites and places, and its findings in words."""

from console.alerts.writing.draft import Draft
from console.i18n.text_guard_labels import GUARD_WORDS
from db.people.members.listing import neighbourhoods
from db.people.zone import directory, zone
from modem.sms.composition import normalise
from plp.rules.text_guard import Known, TextFinding, findings, numbers_in, sites_in

__all__ = ["GUARD_WORDS", "found_in", "judged", "kinds", "known"]


def known() -> Known:
    """What is the zone's own: its numbers and sites, as the directory gives them, and its neighbourhoods."""
    owner = zone()
    contacts = " ; ".join([owner.phone, *(entry.contact for entry in directory())])
    return Known(numbers_in(contacts), sites_in(contacts), tuple(place.name for place in neighbourhoods()))


def found_in(draft: Draft, texts: dict[str, str] | None = None) -> tuple[TextFinding, ...]:
    """What the guard says of the draft, or of those of its texts that go out."""
    return judged(draft.texts if texts is None else texts, draft.drill)


def judged(texts: dict[str, str], drill: bool) -> tuple[TextFinding, ...]:
    """What the guard says of texts by language, as an alert or as a drill: of what will arrive, where a word that was
    pasted with soft hyphens in it reads as a word again.
    """
    return findings({language: normalise(text) for language, text in texts.items()}, drill, known())


def kinds(found: tuple[TextFinding, ...]) -> list[str]:
    """What the audit keeps of them: the kinds alone, of what the officer had to answer for."""
    return sorted({each.kind for each in found if each.asks})
