"""The welcome, and a list of members that stays alive: dead numbers, told to coordinators, and the yearly question."""

import logging
from datetime import datetime, time

from base.settings.values import SendingSettings, Settings
from db.alerts.values import Order
from db.bulletins.groups import readers_of
from db.bulletins.values import BulletinDraft, Correspondent
from db.engine.base import grouped
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Copy, Enclosure, Letter
from db.operations.runs import claim_due, mark_run_done
from db.people.audience import Audience
from db.people.members import dead_numbers, renewal, welcome
from db.people.zone import ZoneCard, officer_of, zone
from modem.sms.composition import compose
from plp.letters.letters import alert_numbers, vcard
from plp.letters.rendering import MEMBERS, SMS, WELCOME, note, rendered, to_call
from plp.services.orders.placing import place_composed
from plp.services.orders.shared import free_to_go, welcome_of, welcome_words
from rules.calendar import LOCAL
from rules.languages import known
from rules.numbers import shown
from rules.orders.texts import MAIN_LANGUAGE
from rules.people import MACHINE
from rules.refusals import Duplicate, NotReady, OverLimit, Refusal
from rules.replies.meaning import read
from rules.replies.values import Meaning

_log = logging.getLogger(__name__)
NAME = "dead numbers"
# Coordinators read it in the morning.
AT = time(8)
# Parts that did not arrive, by broadcast, as they were when it was looked at last.
_looked_at: dict[int, int] = {}


def welcome_text(due: welcome.DueWelcome, zone_card: ZoneCard, whole: bool = False) -> str:
    """The message in the member's language; `whole` with the welcome mail's words on rights and leaving."""
    member = due.member
    return welcome_words(member.language, member.neighbourhood, due.reference_address, zone_card, whole=whole)


def send_welcomes(sending: SendingSettings, now: datetime, mail: bool = False) -> bool:
    """Queue the SMS that are due, in the normal lane; True when some were. `mail`: mails bring the details."""
    groups, zone_card, placed = welcome.owed_groups(), zone(), 0
    if not zone_card.name:
        return False
    wanted = {group: (welcome_of(group, zone_card, mail=mail), group.people) for group in groups}
    free = free_to_go("welcome", wanted, now)
    for due in welcome.due_welcomes(now=now, groups=list(free)):
        order = Order(Audience(numbers=(due.member.mobile or "",)), "welcome", "normal", "plp", idempotency_key=due.key)
        text = welcome_text(due, zone_card, whole=not (mail and due.member.email))
        try:
            place_composed(order, {MAIN_LANGUAGE: compose(text)}, sending, now)
        except (NotReady, OverLimit):  # they wait for a modem, for another hour, or for somebody who agrees
            return placed > 0
        except Duplicate:  # the phone that they share with somebody has it
            _log.info("welcome of member %d: somebody with the same phone has it", due.member.id)
        except Refusal as refusal:
            # One who cannot be written to does not keep the others waiting.
            _log.warning("welcome of member %d: %s", due.member.id, refusal.template)
            continue
        welcome.mark_welcomed(due.member.id, now)
        placed += 1
    return placed > 0


def send_welcome_mails(settings: Settings, now: datetime) -> bool:
    """Queue the welcome mails that are due, once; True when some were."""
    if not mail_configured(settings.mail) or not zone().name:
        return False
    owed = welcome.due_welcome_mails(now)
    for due in owed:
        letter, copy = welcome_letter(due, zone(), alert_numbers(settings))
        # Queued and noted together: nobody is greeted twice, nor forgotten.
        with writing():
            enqueue_letter(letter, [copy], now)
            welcome.mark_welcome_mailed(due.member.id, now)
    return bool(owed)


def welcome_letter(due: welcome.DueWelcome, zone_card: ZoneCard, numbers: tuple[str, ...]) -> tuple[Letter, Copy]:
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
    due: welcome.DueWelcome, words: dict[str, str], call: str, numbers: tuple[str, ...]
) -> list[tuple[str, list[object]]]:
    """(title, lines); a line that is an address is a mapping."""
    calm: list[object] = [{"address": due.reference_address} if due.reference_address else words["no_address"]]
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


def watch_numbers(settings: Settings, now: datetime) -> bool:
    """Check broadcasts with more undelivered parts than before, and once a day inform the coordinators. Never true."""
    counts = dead_numbers.unreached(now)
    for number in sorted(number for number, count in counts.items() if _looked_at.get(number) != count):
        dead_numbers.note_dead_numbers(number, now)
    _looked_at.clear()
    _looked_at.update(counts)
    if (slot := claim_due(NAME, AT, settings.host, now)) is not None:
        dead_numbers.forget_living_numbers()
        mark_run_done(NAME, slot, str(_tell_coordinators(now) if mail_configured(settings.mail) else 0), now)
    return False


def _tell_coordinators(now: datetime) -> int:
    """Queue a mail for every reader of a neighbourhood with numbers that no mail named yet; returns how many mails."""
    mails = 0
    by_place = grouped((row.member.neighbourhood_id, row) for row in dead_numbers.dead_numbers(untold=True))
    for place_id, rows in by_place.items():
        readers = readers_of(BulletinDraft("", (), everywhere=False, neighbourhood_ids=(place_id,))).people
        with writing():
            for reader in readers:
                letter, copy = _numbers_letter(reader, rows, now)
                enqueue_letter(letter, [copy], now)
                mails += 1
            if readers:
                dead_numbers.mark_told([row.member_id for row in rows], now)
    return mails


def _numbers_letter(reader: Correspondent, rows: list[dead_numbers.DeadNumber], now: datetime) -> tuple[Letter, Copy]:
    """The mail to one reader: names of members whose address the coordinator has already, and no number."""
    language = known(reader.language)
    words = MEMBERS[language]
    named = [words[row.why].format(name=row.member.full_name) for row in rows if row.is_known]
    others = len(rows) - len(named)
    paragraphs = [words["dead_lead"], *named] if named else []
    if others:
        paragraphs.append(words["others"].format(count=others))
    paragraphs.append(words["dead_ask"].format(phone=zone().phone))
    letter = Letter("members", words["dead_subject"].format(place=reader.place))
    key = f"dead/{now:%Y-%m-%d}/{reader.neighbourhood_id}/{reader.member_id or reader.address}"
    heading = words["dead_heading"].format(place=reader.place)
    return letter, note(key, reader.address, reader.name, language, heading, paragraphs, reader.member_id)


def ask_renewal(settings: Settings, now: datetime) -> bool:
    """Queue questions that are due and read answers; True when some were, and more may be."""
    for question_id, text, at in renewal.unread_answers():
        if read(text, []).meaning is Meaning.OK:
            renewal.answer_by_mail(question_id, at)
    is_busy = _ask_by_sms(settings.sending, now)
    return (_ask_by_mail(now) if mail_configured(settings.mail) else False) or is_busy


def question(due: renewal.DueQuestion) -> str:
    """The SMS in the member's language."""
    return _question(due.language, due.neighbourhood, due.until_at)


def _question(language: str, place: str, until_at: datetime) -> str:
    return SMS[language]["renewal"].format(place=place, until=_date(until_at))


def _ask_by_sms(sending: SendingSettings, now: datetime) -> bool:
    placed = False
    wanted = {
        group: (_question(group.language, group.neighbourhood, group.until_at), group.people)
        for group in renewal.asked_groups(now)
    }
    free = list(free_to_go("renewal", wanted, now))
    for due in renewal.due_questions("sms", now, groups=free):
        order = Order(Audience(numbers=(due.address,)), "renewal", "normal", MACHINE, idempotency_key=due.key)
        try:
            broadcast = place_composed(order, {MAIN_LANGUAGE: compose(question(due))}, sending, now)
        except (NotReady, OverLimit):  # they wait for a modem, another hour, or somebody who agrees
            return placed
        except Duplicate:  # this phone had it a moment ago, of a question that was ended: only this one waits
            continue
        except Refusal as refusal:
            _log.warning("renewal of member %d: %s", due.member_id, refusal.template)
            renewal.mark_unreachable(due.id)
            continue
        renewal.mark_asked(due.id, now, broadcast=broadcast)
        placed = True
    return placed


def _ask_by_mail(now: datetime) -> bool:
    owed = renewal.due_questions("mail", now)
    for due in owed:
        words = MEMBERS[due.language]
        paragraphs = [words["renew_ask"].format(until=_date(due.until_at)), words["renew_else"]]
        heading = words["renew_heading"].format(place=due.neighbourhood)
        letter = Letter("members", words["renew_subject"].format(place=due.neighbourhood))
        key = f"{due.key}:{due.member_id}"
        copy = note(key, due.address, due.name, due.language, heading, paragraphs, due.member_id)
        with writing():
            (mail,) = enqueue_letter(letter, [copy], now)
            renewal.mark_asked(due.id, now, mail=mail)
    return bool(owed)


def _date(until_at: datetime) -> str:
    return f"{until_at.astimezone(LOCAL):%d/%m/%Y}"
