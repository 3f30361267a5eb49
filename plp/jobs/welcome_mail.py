"""The welcome mail: contacts, the number to save, the use of personal data, and how to leave."""

from datetime import datetime

from segno.helpers import make_vcard_data

from db.engine.connection import writing
from db.inbound.replies.senders import own_numbers
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Copy, Enclosure, Letter
from db.people.members.welcome import DueWelcomeMail, due_welcome_mails, mark_welcome_mailed
from db.people.zone import ZoneCard, zone
from db.settings.values import Settings
from plp.letters.rendering import WELCOME, rendered, to_call
from plp.rules.numbers import shown


def send_welcome_mails(settings: Settings, now: datetime) -> bool:
    """Queue the welcome mails that are due, each once; True when there were some."""
    if not mail_configured(settings.mail):
        return False
    owed = due_welcome_mails(now)
    for due in owed:
        letter, copy = welcome_letter(due, zone(), _sim_numbers(settings))
        # Queued and noted together: nobody is greeted twice, nor forgotten.
        with writing():
            enqueue_letter(letter, [copy], now)
            mark_welcome_mailed(due.member_id, now)
    return bool(owed)


def _sim_numbers(settings: Settings) -> tuple[str, ...]:
    """Numbers of the SIMs of all machines that share the database: an alert may come from any."""
    own = [modem.number for modem in settings.modems if modem.number]
    return tuple(dict.fromkeys([*own, *own_numbers()]))


def welcome_letter(due: DueWelcomeMail, zone_card: ZoneCard, numbers: tuple[str, ...]) -> tuple[Letter, Copy]:
    """The mail to one member. `numbers` are those of the SIMs, E.164; with them and texts it encloses a contact."""
    language = due.language if due.language in WELCOME else "fr"
    words = WELCOME[language]
    call = to_call(zone_card, language)
    named = numbers if due.texts else ()
    text, html = rendered(
        "welcome",
        language,
        heading=words["heading"].format(place=due.neighbourhood),
        who=words["who"].format(place=due.neighbourhood),
        sections=_sections(due, words, call, named),
    )
    card = vcard(zone_card, named, words["note"].format(call=call)) if named else None
    enclosures = (Enclosure("plp.vcf", "text/vcard", card.encode()),) if card else ()
    letter = Letter("welcome", words["subject"].format(place=due.neighbourhood), enclosures=enclosures)
    return letter, Copy(due.key, due.address, due.name, text, html, due.member_id)


def vcard(zone_card: ZoneCard, numbers: tuple[str, ...], note: str) -> str:
    """A contact (vCard 3.0, RFC 2426) with the zone's name: whoever calls it reaches people, not a modem."""
    digits = "".join(char for char in zone_card.phone if char.isdigit() or char == "+")
    name = f"{zone_card.name} PLP"
    # In N a semicolon parts family name from first names; the whole is one name.
    card = make_vcard_data(
        name.replace(";", ",") + ";", name, phone=[digits] if digits else None, cellphone=numbers, memo=note
    )
    return str(card)


def _sections(
    due: DueWelcomeMail, words: dict[str, str], call: str, numbers: tuple[str, ...]
) -> list[tuple[str, list[object]]]:
    """(title, lines); a line that is an address is a mapping."""
    address: object = {"address": due.reference_address} if due.reference_address else words["no_address"]
    gets: list[object] = [
        words["gets_texts" if due.texts else "gets_no_texts"],
        words["gets_group" if due.group else "gets_no_group"],
    ]
    if numbers:
        gets.append(words["numbers"].format(numbers=", ".join(shown(number) for number in numbers)))
    return [
        (words["urgent_title"], [words["urgent"].format(call=call)]),
        (words["calm_title"], [address]),
        (words["gets_title"], gets),
        (words["rights_title"], [words["rights"]]),
        (words["leave_title"], [words["leave_texts" if due.texts else "leave_mail"]]),
    ]
