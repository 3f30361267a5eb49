"""The alert by mail, at once, to members without a mobile who gave an address."""

from datetime import datetime

from db.alerts.incidents.left_out import LeftOut, broadcasts_to_mail, mail_key, people_to_mail, texts_of
from db.alerts.orders.texts import MAIN_LANGUAGE
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Copy, Letter
from db.people.zone import zone
from db.settings.values import Settings
from plp.letters.rendering import ALERT, note


def mail_alerts(settings: Settings, now: datetime) -> bool:
    """Queue the mails that are due, each once; True when there were some."""
    if not mail_configured(settings.mail):
        return False
    queued = False
    for number in broadcasts_to_mail(now):
        owed = people_to_mail(number)
        texts = texts_of(number) if owed else {}
        for one in owed:
            letter, copy = alert_letter(number, one, texts)
            enqueue_letter(letter, [copy], now)
        queued |= bool(owed)
    return queued


def alert_letter(broadcast_id: int, reader: LeftOut, texts: dict[str, str]) -> tuple[Letter, Copy]:
    """The text as the SMS has it, in the reader's language, else in the main one."""
    language = reader.language if reader.language in texts else MAIN_LANGUAGE
    words = ALERT.get(language, ALERT[MAIN_LANGUAGE])
    subject = words["subject"].format(zone=zone().name)
    body = texts.get(language) or next(iter(texts.values()))
    key = mail_key(broadcast_id, reader.member_id)
    copy = note(key, reader.address, reader.name, language, subject, [body, words["why"]], reader.member_id)
    return Letter("alert", subject), copy
