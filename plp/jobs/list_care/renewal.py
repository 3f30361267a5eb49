"""The yearly question goes out, by SMS in the normal lane or by mail, and answers by mail are read."""

import logging
from datetime import datetime

from db.alerts.orders.orders import place_order
from db.alerts.values import Order
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Letter
from db.people.audience import Audience
from db.people.members.renewal import (
    DueQuestion,
    answer_by_mail,
    due_questions,
    mark_asked,
    mark_unreachable,
    unread_answers,
)
from db.settings.values import SendingSettings, Settings
from modem.sms.composition import compose
from plp.letters.rendering import MEMBERS, SMS, note
from plp.rules.calendar import LOCAL
from plp.rules.people import MACHINE
from plp.rules.refusals import NotReady, OverLimit, Refusal
from plp.rules.replies.meaning import read
from plp.rules.replies.values import Meaning

_log = logging.getLogger(__name__)


def ask_renewal(settings: Settings, now: datetime) -> bool:
    """Queue questions that are due and read answers; True when there were questions, and there may be more."""
    for asked_id, text, at in unread_answers():
        if read(text, []).meaning is Meaning.OK:
            answer_by_mail(asked_id, at)
    asked = _ask_by_sms(settings.sending, now)
    return (_ask_by_mail(now) if mail_configured(settings.mail) else False) or asked


def question(due: DueQuestion) -> str:
    """The SMS in the member's language."""
    words = SMS[due.language]["renewal"]
    return words.format(place=due.neighbourhood, until=_date(due))


def _ask_by_sms(sending: SendingSettings, now: datetime) -> bool:
    placed = False
    for due in due_questions("sms", now):
        order = Order(Audience(numbers=(due.address,)), "renewal", "normal", MACHINE, idempotency_key=due.key)
        try:
            broadcast = place_order(order, compose(question(due)), sending, now).id
        except (NotReady, OverLimit):  # they wait for a modem, or for another day of the card's budget
            return placed
        except Refusal as refusal:
            # One who cannot be written to does not keep the others waiting.
            _log.warning("renewal of member %d: %s", due.member_id, refusal.template)
            mark_unreachable(due.id)
            continue
        mark_asked(due.id, now, broadcast=broadcast)
        placed = True
    return placed


def _ask_by_mail(now: datetime) -> bool:
    owed = due_questions("mail", now)
    for due in owed:
        words = MEMBERS[due.language]
        paragraphs = [words["renew_ask"].format(until=_date(due)), words["renew_else"]]
        heading = words["renew_heading"].format(place=due.neighbourhood)
        letter = Letter("members", words["renew_subject"].format(place=due.neighbourhood))
        key = f"{due.key}:{due.member_id}"
        copy = note(key, due.address, due.name, due.language, heading, paragraphs, due.member_id)
        with writing():
            (mail,) = enqueue_letter(letter, [copy], now)
            mark_asked(due.id, now, mail=mail)
    return bool(owed)


def _date(due: DueQuestion) -> str:
    return f"{due.until_at.astimezone(LOCAL):%d/%m/%Y}"
