"""Queues the mails of bulletins, of alerts that no SMS brings now, and to the others about one that nobody approved."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from base.settings.values import MailSettings, Settings
from db.alerts.incidents import left_out
from db.alerts.orders.approval import mark_approval, untold_alone
from db.alerts.orders.control import may_mail, stop_late_mails
from db.alerts.progress.threads import standing_follow_up
from db.alerts.queue.recovery import release_due
from db.bulletins.drafts import enclosures
from db.bulletins.relay import mark_written, owed_mails, signed, still_owed
from db.bulletins.values import OwedMail
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.listing import mail_cards
from db.mail.values import Copy, Letter
from db.modems.readiness import readiness
from db.people.zone import zone
from plp.letters.letters import bulletin_letter
from plp.letters.rendering import ALERT, note
from plp.services.accounts.telling import tell_others
from plp.services.bulletins.relaying import enqueue_deputies
from rules.calendar import LOCAL
from rules.languages import known
from rules.orders.texts import MAIN_LANGUAGE

_log = logging.getLogger(__name__)


def send_bulletins(settings: MailSettings, now: datetime) -> bool:
    """Queue the mails that are due; True when some were. Without a mail server they wait."""
    if not mail_configured(settings):
        return False
    enqueue_deputies(now)
    owed = owed_mails()
    # Those of one letter keep its enclosures once; a reminder answers a mail of its own.
    for _, sharing in groupby(
        owed, lambda mail: (mail.bulletin.id, mail.language, mail.kind, mail.relay_id if mail.kind == "nudge" else 0)
    ):
        _enqueue(list(sharing), settings, now)
    return bool(owed)


def _enqueue(sharing: list[OwedMail], settings: MailSettings, now: datetime) -> None:
    """Queue the mails of one letter, rendered beforehand: alerts wait for the write lock."""
    mails: list[tuple[OwedMail, Copy]] = []
    subject = ""
    for owed in sharing:
        if not owed.address:
            _log.warning("bulletin %d: the reader of relay %d has no address left", owed.bulletin.id, owed.relay_id)
            with writing():
                mark_written(owed.relay_id, None, owed.kind)
            continue
        token = signed("relay", owed.relay_id)
        written = bulletin_letter(owed.bulletin, owed, token, settings, owed.kind == "nudge", owed.group_address)
        subject = subject or written.subject
        key = f"relay/{owed.relay_id}/{owed.kind}/{owed.nudges}"
        mails.append((owed, Copy(key, owed.address, owed.name, written.text, written.html, owed.member_id)))
    if not mails:
        return
    answered = mail_cards([sharing[0].in_reply_to or 0]).get(sharing[0].in_reply_to or 0)
    letter = Letter(
        "bulletin",
        subject,
        reply_to=settings.sender,
        # A reminder carries them again: its reader may have thrown the first mail away.
        enclosures=tuple(enclosures(sharing[0].bulletin.id)),
        in_reply_to=answered.message_id if answered else "",
    )
    # Queued exactly when it is no longer owed.
    with writing():
        waiting = still_owed([owed for owed, _copy in mails])
        kept = [(owed, copy) for owed, copy in mails if owed.relay_id in waiting]
        if not kept:
            return
        ids = enqueue_letter(letter, [copy for _owed, copy in kept], now)
        for (owed, _copy), mail_id in zip(kept, ids, strict=True):
            mark_written(owed.relay_id, mail_id, owed.kind)


def mail_alerts(settings: Settings, now: datetime) -> bool:
    """Queue the mails that are due, with the SMS's text in the reader's language, else the main one; True if any."""
    if not mail_configured(settings.mail):
        return False
    release_due(now)  # the undo seconds end without the modems' daemon, too
    if (waiting := left_out.standing_still(now)) and not readiness(now).ready:
        left_out.mark_failing(waiting)
    stop_late_mails(now)
    is_busy = False
    for number in left_out.broadcasts_to_mail(now):
        # What was corrected or is over is news to nobody any more.
        owed = [] if standing_follow_up(number) else left_out.people_to_mail(number)
        _mail_alert(number, owed, now)
        is_busy |= bool(owed)
    return is_busy


def _mail_alert(broadcast_id: int, readers: Sequence[left_out.LeftOut], now: datetime) -> None:
    """Queue the mails of one to these; no more of them once somebody stops or corrects it."""
    texts = left_out.texts_of(broadcast_id) if readers else {}
    for reader, reason in zip(readers, left_out.mailed_because(broadcast_id, readers), strict=True):
        language = reader.language if reader.language in texts else MAIN_LANGUAGE
        words = ALERT[known(language)]
        subject = words["subject"].format(zone=zone().name)
        paragraphs = [texts.get(language) or next(iter(texts.values())), words[reason]]
        key = f"alert/{broadcast_id}/{reader.member_id}"
        copy = note(key, reader.address, reader.name, language, subject, paragraphs, reader.member_id)
        with writing():
            if not may_mail(broadcast_id):
                return
            enqueue_letter(Letter("alert", subject), [replace(copy, broadcast_id=broadcast_id)], now)


def tell_alone(settings: Settings, now: datetime) -> bool:
    """Queue the mails that are due, without the alert's text: a mail may be read anywhere. True when some were."""
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
        # Queued and noted together: it goes once, and is not forgotten.
        with writing():
            tell_others(f"alone/{card.broadcast_id}", heading, paragraphs, card.decided_by, now)
            mark_approval(card.broadcast_id, told_at=now)
    return bool(owed)
