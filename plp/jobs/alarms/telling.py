"""Tell people of incidents: technicians and admins by mail, the duty phone by SMS, each of a beginning and an end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from db.alerts.orders.automatic import alarms_since, place_alarm
from db.engine.connection import take_turn, writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Copy, Letter
from db.modems.readiness import readiness
from db.operations.incidents import IncidentCard, News, mark_told, news_by
from db.people.accounts.accounts import TOLD_ROLES, Reader, readers
from db.people.duty import on_duty, stand_ins
from db.settings.values import Settings
from modem.sms.composition import compose, count, replacements
from plp.jobs.alarms.trouble import QUIET_KINDS
from plp.letters.rendering import notes
from rules.calendar import clock
from rules.refusals import NotReady

# The duty phone rings at most so often in an hour; what comes beyond is told together when the hour allows it.
MOST_TEXTS_AN_HOUR = 4
_HOUR = timedelta(hours=1)
SUBJECT_CHARACTERS = 90
# Whose telephone a call of an incident goes to where nobody is on duty.
_CALLED = ("technician", "admin")


def tell(settings: Settings, now: datetime) -> None:
    """Queue the mails and SMS about incidents not told yet. Those that cannot leave now are tried at the next call."""
    _tell_by_mail(settings, now)
    _tell_by_text(settings, now)


def _tell_by_mail(settings: Settings, now: datetime) -> None:
    if not mail_configured(settings.mail):
        return
    news = news_by("mail", now)
    if not news:
        return
    told = readers(*TOLD_ROLES)
    letters = []
    if told and news.opened:
        letters.append(_letter("Incident technique", "opened", news.opened, told, now))
    if told and news.ended:
        letters.append(_letter("Incident résolu", "ended", news.ended, told, now))
    # One transaction: told and queued are the same moment, whatever ends this process, and whoever else looks.
    with writing():
        take_turn("alarms")
        if news_by("mail", now) == news:
            for letter, copies in letters:
                enqueue_letter(letter, copies, now)
            mark_told("mail", news, now)


def _letter(
    word: str, what: str, cards: Sequence[IncidentCard], readers: Sequence[Reader], now: datetime
) -> tuple[Letter, list[Copy]]:
    heading = f"{word} : {cards[0].sentence}" if len(cards) == 1 else f"{word.replace(' ', 's ')}s : {len(cards)}"
    if len(heading) > SUBJECT_CHARACTERS:
        heading = heading[: SUBJECT_CHARACTERS - 1].rstrip() + "…"
    paragraphs = [*map(_paragraph, cards), _FOOT[what]]
    key = f"alarm:{cards[0].id}:{_first(cards)}:{what}:"
    return Letter("alarm", heading), notes(key, readers, f"{word} du {clock(now)}", paragraphs)


_FOOT = {
    "opened": "Chaque incident est annoncé par un seul e-mail, sa fin aussi. La page « Incidents techniques » les "
    "montre tous.",
    "ended": "Vous n'avez plus rien à faire. La page « Incidents techniques » en garde la trace.",
}


def _paragraph(card: IncidentCard) -> str:
    since = f"Depuis le {clock(card.opened_at)}."
    if card.ended_at is not None:
        since = f"Du {clock(card.opened_at)} au {clock(card.ended_at)}."
    again = f" Réapparu {card.reopened} fois entre-temps." if card.reopened else ""
    return f"{card.sentence}\n{since}{again}"


def _tell_by_text(settings: Settings, now: datetime) -> None:
    number = settings.sending.duty_phone
    if number is None or not readiness(now).can_take_orders:
        return
    news = news_by("text", now, QUIET_KINDS)
    if not news or alarms_since(now - _HOUR) >= MOST_TEXTS_AN_HOUR:
        return
    if not news.over and number in [person.mobile for person in (on_duty(now) or stand_ins(_CALLED))[:1]]:
        # The call of whoever is on duty tells it to this telephone, and waits for their answer.
        mark_told("text", news, now)
        return
    cards = (*news.opened, *news.ended)
    ids = [card.id for card in cards]
    # The order first: its key makes the same news the same SMS when the mark is lost.
    key = f"alarm:{min(ids)}:{max(ids)}:{_first(cards)}:{bool(news.opened)}"
    try:
        place_alarm(number, compose(text_of(news)), key, now)
    except NotReady:
        return
    mark_told("text", news, now)


def _first(cards: Sequence[IncidentCard]) -> str:
    """Time at which the first incident began; its id alone is not unique, since SQLite reuses those of deleted rows."""
    return min(card.opened_at for card in cards).isoformat()


def text_of(news: News) -> str:
    """One SMS of one part: the incident's sentence, or for several their number and the first words of each."""
    now_open = [card for card in news.opened if card.ended_at is None]
    pieces = []
    for word, cards in (("INCIDENT", now_open), ("RÉSOLU", news.over)):
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
    return next(each for each in (plain, *shorter) if count(each + end).parts <= 1) + end
