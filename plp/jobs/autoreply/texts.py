"""Texts of the automatic answers: one SMS in the writer's language, in the GSM alphabet."""

from db.people.zone import ZoneCard
from modem.sms.composition import Composition, compose
from modem.sms.transliteration import one_part
from plp.letters.words import SMS, to_call
from plp.rules.replies.values import Answer, SenderCard

SHORTEST = "101"


def answer_text(answer: Answer, language: str, sender: SenderCard, zone_card: ZoneCard, station: str) -> Composition:
    """The answer as it goes out, one part. `station` is the contact of the proximity station, empty for unknown. A
    member is given their coordinator's address; anybody else is told the station, and never an address.
    """
    urgent = to_call(zone_card, language)
    return one_part(_candidates(answer, language, sender, zone_card.name, urgent, station)) or compose(SHORTEST)


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
