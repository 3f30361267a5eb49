"""Alarms by SMS, to the duty phone (`[sending] duty_phone`)."""

from datetime import datetime, timedelta

from base.settings.values import Settings
from db.alerts.orders.earlier import alarms_since
from db.modems.readiness import readiness
from db.operations.incidents import Alarm
from db.people.duty import on_duty, stand_ins
from modem.sms.composition import compose, count, replacements
from plp.services.orders.automatic import place_alarm
from rules.people import roles_with
from rules.refusals import NotReady

# Nobody need get up for these.
QUIET = (
    "budget_near", "refusals", "storage", "mailbox", "plan_b", "stops_held", "journal", "secret_exposed", "certificate",
    "backup", "backup_drill", "disk_fills", "clock", "alarm_channel",
    "setting",
)  # fmt: skip
# Its order takes several transactions; its key makes the same alarm the same SMS when the mark is lost.
QUEUES, WAITS = False, False
# The duty phone rings at most so often in an hour; what comes beyond is one text when the hour allows it.
MOST_TEXTS_AN_HOUR = 4
_HOUR = timedelta(hours=1)
# Whose telephone a call of an incident goes to where nobody is on duty.
_CALLED = roles_with("hear_alarms")


def is_open(settings: Settings, now: datetime) -> bool:
    """True if config.ini names a duty phone that did not get too many SMS, and a modem can send."""
    number = settings.sending.duty_phone
    return number is not None and readiness(now).can_take_orders and alarms_since(now - _HOUR) < MOST_TEXTS_AN_HOUR


def send(alarm: Alarm, settings: Settings, now: datetime) -> bool:
    """Order the SMS, unless a call already reports it to this telephone and waits for an answer."""
    number = settings.sending.duty_phone or ""
    if not alarm.over and number in [person.mobile for person in (on_duty(now) or stand_ins(_CALLED))[:1]]:
        return True
    try:
        place_alarm(number, compose(text_of(alarm)), alarm.key, now)
    except NotReady:
        return False
    return True


def text_of(alarm: Alarm) -> str:
    """One SMS of one part: the incident's sentence, or for several their number and their first words."""
    lasting = [card for card in alarm.opened if card.ended_at is None]
    pieces = []
    for word, cards in (("INCIDENT", lasting), ("RÉSOLU", alarm.over)):
        if cards:
            many = f" ({len(cards)})" if len(cards) > 1 else ""
            pieces.append(f"{word}{many}: " + " ".join(card.sentence for card in cards))
    return one_part("PLP " + " ".join(pieces))


def one_part(text: str, end: str = "") -> str:
    """The text in the GSM alphabet, with `end` behind it, cut before that so that it is one part."""
    swaps = replacements(text)
    plain = "".join("?" if (swap := swaps.get(char, char)) is None else swap for char in text)
    words = plain.split(" ")
    shorter = (" ".join(words[:number]).rstrip(".") + "..." for number in range(len(words) - 1, -1, -1))
    return next(cut for cut in (plain, *shorter) if count(cut + end).parts <= 1) + end
