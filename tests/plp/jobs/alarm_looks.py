"""What the duty officer was told, and what stands open."""

from contextlib import contextmanager

from base.settings.values import DatabaseSettings, MailSettings, SendingSettings, Settings
from db.mail.enqueue import send_as
from db.models.broadcasts import BroadcastText, Message
from db.models.mail import Mail, MailLetter
from db.modems import status
from plp.jobs.alarms.trouble import findings
from plp.services.accounts.rights import add_account
from tests.support.people import mobile, ready_modem

DUTY = mobile(99)
MAIL = MailSettings(sender="plp@example.be")


@contextmanager
def box_in_order(folder, now):
    """The settings of a box with a technician who is written to, and one who is not."""
    send_as(MAIL)
    add_account("luc", ["technician"], None, "test", now, email="luc@example.org")
    add_account("jan", ["admin"], None, "test", now)
    add_account("piet", ["officer"], None, "test", now, email="piet@example.org")
    yield Settings(
        path=folder / "config.ini",
        folder=folder,
        database=DatabaseSettings("sqlite:///plp.db", host="box"),
        mail=MAIL,
        sending=SendingSettings(duty_phone=DUTY, undo_seconds=0),
    )
    send_as(None)


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
