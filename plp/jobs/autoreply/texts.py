"""Texts of the automatic answers: one SMS in the writer's language, in the GSM alphabet."""

from db.people.zone import ZoneCard
from modem.sms.composition import Composition, compose, count
from modem.sms.transliteration import propose_gsm7
from plp.letters.words import FRAME, SMS
from plp.rules.replies.values import Answer, SenderCard

SHORTEST = "101"


def answer_text(answer: Answer, language: str, sender: SenderCard, zone_card: ZoneCard, station: str) -> Composition:
    """The answer as it goes out, one part. `station` is the contact of the proximity station, empty for unknown. A
    member is given their coordinator's address; anybody else is told the station, and never an address.
    """
    urgent = f" {FRAME[language]['or']} ".join(filter(None, (zone_card.emergency, zone_card.phone)))
    for candidate in _candidates(answer, language, sender, zone_card.name, urgent, station):
        text = propose_gsm7(candidate)
        if text is not None and count(text).parts == 1:
            return compose(text)
    return compose(SHORTEST)


def _candidates(answer: Answer, language: str, sender: SenderCard, zone: str, urgent: str, station: str) -> list[str]:
    words = SMS[language]
    if answer is not Answer.NOT_READ:
        return [words[answer.value].format(zone=name, urgent=urgent) for name in (zone, words["zone"])]
    shortest = words["not_read"].format(urgent=urgent)
    found = []
    if sender.is_member and sender.reference_address:
        found.append(shortest + words["or_coordinator"].format(address=sender.reference_address))
    if station:
        found.append(shortest + words["or_station"].format(station=station))
    return [*found, shortest]
