"""The welcome message: whom to write to when it is not urgent, whom to call when it is."""

from datetime import datetime

from db.audience import Audience
from db.members import DueWelcome, due_welcomes, mark_welcomed
from db.outbox import Order, place_order
from db.refusals import NotReady
from db.settings import SendingSettings
from db.zone import ZoneCard, zone
from modem.sms import compose

# One part each with an address of ordinary length, and no character that would push it to UCS-2.
_TEXTS = {
    "fr": "Bienvenue au PLP {place}. Urgent: {emergency} ou {phone}. Pas urgent: {coordinator}. "
    "Enregistrez ce numéro: les alertes en viendront.",
    "nl": "Welkom bij het BIN {place}. Dringend: {emergency} of {phone}. Niet dringend: {coordinator}. "
    "Bewaar dit nummer: de alarmberichten komen ervan.",
    "de": "Willkommen bei der PLP {place}. Dringend: {emergency} oder {phone}. Nicht dringend: {coordinator}. "
    "Speichern Sie diese Nummer: die Alarme kommen von ihr.",
    "en": "Welcome to the PLP {place}. Urgent: {emergency} or {phone}. Not urgent: {coordinator}. "
    "Save this number: alerts will come from it.",
}
_COORDINATORS = {
    "fr": "le coordinateur de votre quartier",
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
    house = zone() if owed else None
    for due in owed:
        if house is None:
            break
        order = Order(Audience(numbers=(due.msisdn,)), "welcome", "normal", "plp", idempotency_key=due.key)
        try:
            place_order(order, compose(welcome_text(due, house)), sending, now)
        except NotReady:
            return False
        mark_welcomed(due.member_id, now)
    return bool(owed)
