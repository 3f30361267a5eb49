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
from plp.letters.rendering import SMS
from plp.rules.refusals import NotReady, Refusal

_log = logging.getLogger(__name__)


def welcome_text(due: DueWelcome, zone_card: ZoneCard, whole: bool = False) -> str:
    """The message in the member's language; the coordinator is named where there is no reference address. `whole` adds
    the welcome mail's words on rights and leaving, for members without one.
    """
    words = SMS[due.language]
    return (words["welcome"] + (words["welcome_rights"] if whole else "")).format(
        place=due.neighbourhood,
        emergency=zone_card.emergency,
        phone=zone_card.phone,
        coordinator=due.reference_address or words["coordinator"],
    )


def send_welcomes(sending: SendingSettings, now: datetime, mail: bool = False) -> bool:
    """Queue the SMS that are due, in the normal lane; True when there were some. Waits while no modem can send. `mail`:
    a mail tells the rest to whoever has an address.
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
