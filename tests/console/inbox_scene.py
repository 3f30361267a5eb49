"""What came in, and what was pressed."""

import re
from datetime import timedelta

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.inbox.items import items_of
from db.inbound.inbox.threads import newest_item
from db.inbound.replies.judging import save_verdict
from plp.jobs.imap.replying import send_replies
from rules.replies.values import Meaning
from tests.plp.jobs.answering import SETTINGS, went_back
from tests.support.inbound import received_texts
from tests.support.inbox import comes as comes_in
from tests.support.inbox import mail as mail_in
from tests.support.people import ready_modem

STRANGER = "+32470000099"
CALLER = "+32470099001"


def comes(sender, text="Merci", seq=1, total=1, ago=timedelta()):
    with connected():
        comes_in(utc_now() - ago, sender, text, seq, total)
        return newest_item()


def mail(sender="luc@example.org", text="Bonjour", ago=timedelta(), **changes):
    with connected():
        return mail_in(utc_now() - ago, sender, text, **changes)


def address(ref):
    return f"/inbox/{ref.channel}/{ref.id}"


def presses(officer, ref, what, **fields):
    """The button of the conversation's page, with what that page shows."""
    page = officer.get(address(ref)).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    data = {"seen": seen, **fields}
    return officer.post(f"{address(ref)}/{what}", data, page=address(ref))


def standing(ref):
    with connected():
        return items_of([ref])[0]


def rings(sender=CALLER, text="Au secours, le feu", ago=timedelta(), meaning=Meaning.ALARM):
    """A text that was judged; its id."""
    with connected():
        comes_in(utc_now() - ago, sender, text)
        inbound_id = received_texts()[0].id
        save_verdict(inbound_id, utc_now(), meaning, "fr")
    return inbound_id


def sent():
    """The SMS that went back."""
    with connected():
        ready_modem("a", utc_now())
        send_replies(SETTINGS, utc_now())
        return went_back()
