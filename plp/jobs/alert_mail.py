"""Mails about an alert, at once: the alert itself to members without a mobile who gave an address, and to everybody
while no modem can send; and to every admin, with the reason, an alert sent without the second person.
"""

from datetime import datetime

from db.alerts.incidents.left_out import (
    broadcasts_to_mail,
    mark_failing,
    people_to_mail,
    standing_still,
    texts_of,
)
from db.alerts.orders.approval import mark_alone_told, untold_alone
from db.alerts.progress.threads import standing_follow_up
from db.alerts.progress.told import mail_key
from db.alerts.queue.housekeeping import release_due
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Letter
from db.modems.readiness import readiness
from db.people.accounts.accounts import readers
from db.people.zone import zone
from plp.letters.rendering import ALERT, note, notes
from plp.settings.values import Settings
from rules.calendar import LOCAL
from rules.languages import known
from rules.orders.texts import MAIN_LANGUAGE


def mail_alerts(settings: Settings, now: datetime) -> bool:
    """Queue the mails that are due, once; True when some were. A mail has the text of the SMS, in its reader's
    language, else in the main one.
    """
    if not mail_configured(settings.mail):
        return False
    release_due(now)  # the undo seconds end without the modems' daemon, too
    if (waiting := standing_still(now)) and not readiness(now).can_take_urgent:
        mark_failing(waiting)
    is_busy = False
    for number in broadcasts_to_mail(now):
        # What was corrected or is over is news to nobody any more.
        owed = [] if standing_follow_up(number) else people_to_mail(number)
        texts = texts_of(number) if owed else {}
        for reader in owed:
            language = reader.language if reader.language in texts else MAIN_LANGUAGE
            words = ALERT[known(language)]
            subject = words["subject"].format(zone=zone().name)
            paragraphs = [texts.get(language) or next(iter(texts.values())), words["why"]]
            key = mail_key(number, reader.member_id)
            copy = note(key, reader.address, reader.name, language, subject, paragraphs, reader.member_id)
            enqueue_letter(Letter("alert", subject), [copy], now)
        is_busy |= bool(owed)
    return is_busy


def tell_alone(settings: Settings, now: datetime) -> bool:
    """Queue the mails that are due, one to every admin about an alert; True when there were some. The alert's text is
    not included, since a mail may be read anywhere.
    """
    if not mail_configured(settings.mail):
        return False
    owed = untold_alone(now)
    for card in owed:
        at = card.decided_at.astimezone(LOCAL) if card.decided_at else None
        when = f"le {at:%d/%m/%Y} à {at:%H:%M}" if at else ""
        heading = f"Envoi {card.broadcast_id} : envoyé sans validation"
        paragraphs = [
            f"{card.decided_by} a lancé l'envoi {when}, pour {card.recipients} personnes, sans validation.",
            f"Motif indiqué : « {card.reason} »",
            "Le texte, les destinataires et les suites sont dans la console : « Historique », puis cet envoi.",
        ]
        copies = notes(f"alone/{card.broadcast_id}/", readers("admin"), heading, paragraphs)
        # Queued and noted together: it goes once, and is not forgotten.
        with writing():
            if copies:
                enqueue_letter(Letter("alarm", heading), copies, now)
            mark_alone_told(card.broadcast_id, now)
    return bool(owed)
