"""Texts of the automatic answers: one SMS in the writer's language, in the GSM alphabet.

Each answer to what is not read begins by saying that a machine wrote it, so that another machine leaves it alone.
"""

from db.people.zone import ZoneCard
from modem.sms.composition import Composition, compose, count
from modem.sms.transliteration import propose_gsm7
from plp.rules.replies.values import Answer, SenderCard

_OR = {"fr": "ou", "nl": "of", "de": "oder", "en": "or"}

# From the fullest to the shortest: the first that is one part goes out.
_NOT_READ = {
    "fr": "Réponse automatique: votre SMS n'est pas lu. Urgent: {urgent}.",
    "nl": "Automatisch antwoord: uw sms wordt niet gelezen. Dringend: {urgent}.",
    "de": "Automatische Antwort: Ihre SMS wird nicht gelesen. Dringend: {urgent}.",
    "en": "Automatic reply: your text is not read. Urgent: {urgent}.",
}
_COORDINATOR = {
    "fr": " Sinon, votre coordinateur: {address}",
    "nl": " Anders uw coördinator: {address}",
    "de": " Sonst Ihr Koordinator: {address}",
    "en": " Otherwise your coordinator: {address}",
}
_STATION = {
    "fr": " Sinon, la police de proximité: {station}",
    "nl": " Anders uw wijkpolitie: {station}",
    "de": " Sonst die Polizei im Viertel: {station}",
    "en": " Otherwise your local police: {station}",
}
_STOPPED = {
    "fr": "C'est noté: vous ne recevrez plus de SMS de {zone}. Urgent: {urgent}. Pour revenir, répondez START",
    "nl": "Genoteerd: u krijgt geen sms meer van {zone}. Dringend: {urgent}. Om terug te komen: antwoord START",
    "de": "Notiert: Sie erhalten keine SMS mehr von {zone}. Dringend: {urgent}. Um zurückzukommen: START",
    "en": "Noted: you will get no more texts from {zone}. Urgent: {urgent}. To come back, reply START",
}
_STARTED = {
    "fr": "C'est noté: vous recevrez de nouveau les alertes de {zone}. Urgent: {urgent}. Pour partir, répondez STOP",
    "nl": "Genoteerd: u krijgt opnieuw de alarmberichten van {zone}. Dringend: {urgent}. Om te stoppen: antwoord STOP",
    "de": "Notiert: Sie erhalten wieder die Meldungen von {zone}. Dringend: {urgent}. Um zu gehen: STOP",
    "en": "Noted: you will get the alerts of {zone} again. Urgent: {urgent}. To leave, reply STOP",
}
# The name of a zone that is too long, or that GSM's alphabet lacks.
_ZONE = {"fr": "la police", "nl": "de politie", "de": "der Polizei", "en": "the police"}
SHORTEST = "101"


def answer_text(answer: Answer, language: str, sender: SenderCard, zone_card: ZoneCard, station: str) -> Composition:
    """The answer as it goes out, one part. `station` is how the proximity station is reached, empty for unknown.

    A member is given their coordinator's address; whoever is none is told the station, and never an address.
    """
    urgent = f" {_OR[language]} ".join(filter(None, (zone_card.emergency, zone_card.phone)))
    for candidate in _candidates(answer, language, sender, zone_card.name, urgent, station):
        text = propose_gsm7(candidate)
        if text is not None and count(text).parts == 1:
            return compose(text)
    return compose(SHORTEST)


def _candidates(answer: Answer, language: str, sender: SenderCard, zone: str, urgent: str, station: str) -> list[str]:
    if answer is not Answer.NOT_READ:
        template = (_STOPPED if answer is Answer.STOPPED else _STARTED)[language]
        return [template.format(zone=name, urgent=urgent) for name in (zone, _ZONE[language])]
    shortest = _NOT_READ[language].format(urgent=urgent)
    found = []
    if sender.is_member and sender.reference_address:
        found.append(shortest + _COORDINATOR[language].format(address=sender.reference_address))
    if station:
        found.append(shortest + _STATION[language].format(station=station))
    return [*found, shortest]
