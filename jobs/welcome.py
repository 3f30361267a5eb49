"""The welcome message: whom to write to when it is not urgent, whom to call when it is."""

import logging
from datetime import datetime

from db.audience import Audience
from db.members import DueWelcome, due_welcomes, mark_welcomed
from db.outbox import Order, place_order
from db.refusals import NotReady, Refusal
from db.settings import SendingSettings
from db.zone import ZoneCard, zone
from modem.sms import compose

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
_COORDINATORS = {
    "fr": "votre coordinateur de quartier",
    "nl": "de coördinator van uw wijk",
    "de": "der Koordinator Ihres Viertels",
    "en": "your neighbourhood's coordinator",
}


def welcome_text(due: DueWelcome, house: ZoneCard) -> str:
    """The message in the member's language. Without a reference address it names the coordinator only."""
    return _TEXTS[due.language].format(
        place=due.neighbourhood,
        emergency=house.emergency,
        phone=house.phone,
        coordinator=due.reference_address or _COORDINATORS[due.language],
    )


def send_welcomes(sending: SendingSettings, now: datetime) -> bool:
    """Put what is owed into the outbox, as normal work; True when something was. Waits while nothing could send."""
    owed = due_welcomes()
    if not owed:
        return False
    house, placed = zone(), 0
    for due in owed:
        order = Order(Audience(numbers=(due.msisdn,)), "welcome", "normal", "plp", idempotency_key=due.key)
        try:
            place_order(order, compose(welcome_text(due, house)), sending, now)
        except NotReady:
            return False
        except Refusal as refusal:
            # One who cannot be written to does not keep the others waiting.
            _log.warning("welcome of member %d: %s", due.member_id, refusal.template)
            continue
        mark_welcomed(due.member_id, now)
        placed += 1
    return placed > 0
