"""What the duty officer was told, and what stands open."""

from db.models.broadcasts import BroadcastText, Message
from db.models.mail import Mail, MailLetter
from db.modems import status
from plp.jobs.alarms.trouble import findings
from tests.support.people import mobile, ready_modem

DUTY = mobile(99)


def alive(now, state="ready", sentence=""):
    ready_modem("a", now, state=state, sentence=sentence)
    status.beat("box", "jobs", 1, now)


def subjects():
    return [row.letter.subject for row in Mail.select(Mail, MailLetter).join(MailLetter).order_by(Mail.id)]


def texts():
    rows = Message.select(Message, BroadcastText).join(BroadcastText).order_by(Message.id)
    return [(row.msisdn, row.text.body) for row in rows]


def kinds(settings, now):
    return {finding.kind for finding in findings(settings, now)}
