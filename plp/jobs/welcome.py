"""The welcome SMS: the address for what is not urgent, the number for what is."""

import logging
from datetime import datetime

from db.alerts.orders.orders import place_order
from db.alerts.values import Order
from db.people.audience import Audience
from db.people.members.welcome import DueWelcome, due_welcomes, mark_welcomed
from db.people.zone import ZoneCard, zone
from db.settings.values import SendingSettings
from modem.sms.composition import compose
from plp.rules.refusals import NotReady, Refusal

_log = logging.getLogger(__name__)

# One part each (160 septets) with an address of 30 characters and a name of 19, and nothing that needs UCS-2.
_TEXTS = {
    "fr": "Bienvenue au PLP {place}. Urgent: {emergency} ou {phone}. Pas urgent: {coordinator}. "
    "Enregistrez ce numéro: les alertes en viendront.",
    "nl": "Welkom bij het BIN {place}. Dringend: {emergency} of {phone}. Niet dringend: {coordinator}. "
    "Bewaar dit nummer voor de alarmberichten.",
    "de": "Willkommen im PLP {place}. Dringend: {emergency} oder {phone}. Nicht dringend: {coordinator}. "
    "Speichern Sie diese Nummer für Alarme.",
    "en": "Welcome to the PLP {place}. Urgent: {emergency} or {phone}. Not urgent: {coordinator}. "
    "Save this number: alerts will come from it.",
}
# For whom no mail tells it: what the data is for, the rights, how to leave. One part more.
_RIGHTS = {
    "fr": " Vos données ne servent qu'au PLP: pour les voir, corriger ou effacer, {phone} (autorité: COC). Pour ne "
    "plus recevoir de SMS, répondez STOP.",
    "nl": " Uw gegevens dienen alleen voor het BIN: inkijken, verbeteren of wissen via {phone} (toezicht: COC). Geen "
    "sms meer? Antwoord STOP.",
    "de": " Ihre Daten dienen nur der PLP: einsehen, berichtigen oder löschen unter {phone} (Aufsicht: COC). Keine SMS "
    "mehr? Antworten Sie STOP.",
    "en": " Your data serves the PLP only: to see, correct or delete it, {phone} (supervisor: COC). To get no more "
    "texts, answer STOP.",
}
_COORDINATORS = {
    "fr": "votre coordinateur de quartier",
    "nl": "de coördinator van uw wijk",
    "de": "der Koordinator Ihres Viertels",
    "en": "your neighbourhood's coordinator",
}


def welcome_text(due: DueWelcome, zone_card: ZoneCard, whole: bool = False) -> str:
    """The message in the member's language. Without a reference address it names the coordinator only.

    `whole` also says what the welcome mail says of rights and leaving, for who gets none.
    """
    text = _TEXTS[due.language] + (_RIGHTS[due.language] if whole else "")
    return text.format(
        place=due.neighbourhood,
        emergency=zone_card.emergency,
        phone=zone_card.phone,
        coordinator=due.reference_address or _COORDINATORS[due.language],
    )


def send_welcomes(sending: SendingSettings, now: datetime, mail: bool = False) -> bool:
    """Queue the SMS that are due, in the normal lane; True when there were some. Waits while no modem can send.

    `mail` says that a mail tells the rest to whoever has an address.
    """
    owed = due_welcomes()
    if not owed:
        return False
    zone_card, placed = zone(), 0
    for due in owed:
        order = Order(Audience(numbers=(due.msisdn,)), "welcome", "normal", "plp", idempotency_key=due.key)
        try:
            place_order(order, compose(welcome_text(due, zone_card, whole=not (mail and due.has_mail))), sending, now)
        except NotReady:
            return False
        except Refusal as refusal:
            # One who cannot be written to does not keep the others waiting.
            _log.warning("welcome of member %d: %s", due.member_id, refusal.template)
            continue
        mark_welcomed(due.member_id, now)
        placed += 1
    return placed > 0
