"""The welcome, by SMS (the address for what is not urgent, the number for what is) and by mail: contacts, the number to
save, the use of personal data, and how to leave.
"""

import logging
from datetime import datetime

from db.alerts.values import Order
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Copy, Enclosure, Letter
from db.people.audience import Audience
from db.people.members.welcome import (
    DueWelcome,
    due_welcome_mails,
    due_welcomes,
    mark_welcome_mailed,
    mark_welcomed,
)
from db.people.zone import ZoneCard, officer_of, zone
from modem.sms.composition import compose
from plp.letters.contact import alert_numbers, vcard
from plp.letters.rendering import SMS, WELCOME, rendered, to_call
from plp.services.orders.placing import place_composed
from plp.settings.values import SendingSettings, Settings
from rules.languages import known
from rules.numbers import shown
from rules.orders.texts import MAIN_LANGUAGE
from rules.refusals import NotReady, Refusal

_log = logging.getLogger(__name__)


def welcome_text(due: DueWelcome, zone_card: ZoneCard, whole: bool = False) -> str:
    """The message in the member's language; the coordinator is named where no reference address is known. `whole` adds
    the welcome mail's words on rights and leaving, for members without one.
    """
    words = SMS[due.member.language]
    return (words["welcome"] + (words["welcome_rights"] if whole else "")).format(
        place=due.member.neighbourhood,
        emergency=zone_card.emergency,
        phone=zone_card.phone,
        coordinator=due.reference_address or words["coordinator"],
    )


def send_welcomes(sending: SendingSettings, now: datetime, mail: bool = False) -> bool:
    """Queue the SMS that are due, in the normal lane; True when there were some. Waits while no modem can send, or the
    zone has no name. `mail`: people with an address get the details by mail.
    """
    owed, zone_card, placed = due_welcomes(now=now), zone(), 0
    if not owed or not zone_card.name:
        return False
    for due in owed:
        order = Order(Audience(numbers=(due.member.mobile or "",)), "welcome", "normal", "plp", idempotency_key=due.key)
        text = welcome_text(due, zone_card, whole=not (mail and due.member.email))
        try:
            place_composed(order, {MAIN_LANGUAGE: compose(text)}, sending, now)
        except NotReady:
            return False
        except Refusal as refusal:
            # One who cannot be written to does not keep the others waiting.
            _log.warning("welcome of member %d: %s", due.member.id, refusal.template)
            continue
        mark_welcomed(due.member.id, now)
        placed += 1
    return placed > 0


def send_welcome_mails(settings: Settings, now: datetime) -> bool:
    """Queue the welcome mails that are due, each once; True when there were some."""
    if not mail_configured(settings.mail) or not zone().name:
        return False
    owed = due_welcome_mails(now)
    for due in owed:
        letter, copy = welcome_letter(due, zone(), alert_numbers(settings))
        # Queued and noted together: nobody is greeted twice, nor forgotten.
        with writing():
            enqueue_letter(letter, [copy], now)
            mark_welcome_mailed(due.member.id, now)
    return bool(owed)


def welcome_letter(due: DueWelcome, zone_card: ZoneCard, numbers: tuple[str, ...]) -> tuple[Letter, Copy]:
    """The mail to one member. `numbers` are those of the SIMs, E.164; with them and texts it encloses a contact."""
    member = due.member
    language = known(member.language)
    words = WELCOME[language]
    call = to_call(zone_card, language)
    named = numbers if member.state == "active" else ()
    text, html = rendered(
        "welcome",
        language,
        heading=words["heading"].format(place=member.neighbourhood),
        who=words["who"].format(place=member.neighbourhood),
        sections=_sections(due, words, call, named),
    )
    card = vcard(zone_card, named, words["note"].format(call=call)) if named else None
    enclosures = (Enclosure("plp.vcf", "text/vcard", card.encode()),) if card else ()
    letter = Letter("welcome", words["subject"].format(place=member.neighbourhood), enclosures=enclosures)
    return letter, Copy(due.key, member.email or "", member.name, text, html, member.id)


def _sections(
    due: DueWelcome, words: dict[str, str], call: str, numbers: tuple[str, ...]
) -> list[tuple[str, list[object]]]:
    """(title, lines); a line that is an address is a mapping."""
    address: object = {"address": due.reference_address} if due.reference_address else words["no_address"]
    calm = [address]
    if officer := officer_of(due.member.neighbourhood):
        calm.append(words["officer"].format(service=officer.service, contact=officer.contact))
    texts = due.member.state == "active"
    gets: list[object] = [
        words["gets_texts" if texts else "gets_no_texts"],
        words["gets_group" if due.member.mail_group else "gets_no_group"],
    ]
    if numbers:
        gets.append(words["numbers"].format(numbers=", ".join(shown(number) for number in numbers)))
    return [
        (words["urgent_title"], [words["urgent"].format(call=call)]),
        (words["calm_title"], calm),
        (words["gets_title"], gets),
        (words["rights_title"], [words["rights"]]),
        (words["leave_title"], [words["leave_texts" if texts else "leave_mail"]]),
    ]
