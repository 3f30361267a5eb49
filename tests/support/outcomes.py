"""An alert whose parts meet their fates at one modem."""

from datetime import timedelta

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_retry, mark_sent, mark_unconfirmed
from tests.support.people import order, person, ready_modem


def send(now, fates):
    """An alert to as many people, each part with its fate at modem `a`: a code that it is refused with, or a word."""
    for number in range(len(fates)):
        person(number + 1, now)
    modem = ready_modem("a", now)
    order(now)
    for fate in fates:
        claim = claim_part(modem, now)
        mark_pdu_started(claim, now)
        if fate == "sent":
            mark_sent(claim, 7, modem, now)
        elif fate == "unconfirmed":
            mark_unconfirmed(claim, "no_answer", modem, now)
        elif fate == "CMS 1":
            mark_failed(claim, fate, now)
        else:
            mark_retry(claim, fate, now + timedelta(hours=1), now, True)
