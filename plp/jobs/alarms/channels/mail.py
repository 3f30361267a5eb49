"""Alarms by mail, to technicians and admins."""

from datetime import datetime

from base.settings.values import Settings
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Letter
from db.operations.incidents import Alarm, IncidentCard
from db.people.accounts.accounts import TOLD_ROLES, readers
from plp.letters.rendering import notes
from rules.calendar import clock

QUIET: tuple[str, ...] = ()
QUEUES, WAITS = True, False
SUBJECT_CHARACTERS = 90
_WORDS = {"opened": "Incident technique", "ended": "Incident résolu"}
_FOOT = {
    "opened": "Chaque incident est annoncé par un seul e-mail, sa fin aussi. La page « Incidents techniques » les "
    "montre tous.",
    "ended": "Vous n'avez plus rien à faire. La page « Incidents techniques » en garde la trace.",
}


def is_open(settings: Settings, _now: datetime) -> bool:
    """True if config.ini names a sender."""
    return mail_configured(settings.mail)


def send(alarm: Alarm, _settings: Settings, now: datetime) -> bool:
    """Queue a letter about what began, and one about what ended."""
    recipients = readers(*TOLD_ROLES)
    for what, cards in (("opened", alarm.opened), ("ended", alarm.ended)):
        if not recipients or not cards:
            continue
        word = _WORDS[what]
        heading = f"{word} : {cards[0].sentence}" if len(cards) == 1 else f"{word.replace(' ', 's ')}s : {len(cards)}"
        if len(heading) > SUBJECT_CHARACTERS:
            heading = heading[: SUBJECT_CHARACTERS - 1].rstrip() + "…"
        key = f"alarm:{cards[0].id}:{min(card.opened_at for card in cards).isoformat()}:{what}:"
        paragraphs = [*map(_paragraph, cards), _FOOT[what]]
        enqueue_letter(Letter("alarm", heading), notes(key, recipients, f"{word} du {clock(now)}", paragraphs), now)
    return True


def _paragraph(card: IncidentCard) -> str:
    since = f"Depuis le {clock(card.opened_at)}."
    if card.ended_at is not None:
        since = f"Du {clock(card.opened_at)} au {clock(card.ended_at)}."
    again = f" Réapparu {card.reopened} fois entre-temps." if card.reopened else ""
    return f"{card.sentence}\n{since}{again}"
