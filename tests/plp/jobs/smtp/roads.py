"""A modem that takes what waits, and a person who asks for something of an alert."""

from base.settings.values import SendingSettings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from plp.services.broadcasts import Request
from rules.people import Actor


def sends(modem, now, most=1000):
    for reference in range(most):
        claim = claim_part(modem, now)
        if claim is None:
            return reference
        mark_pdu_started(claim, now)
        mark_sent(claim, reference % 256, modem, now)
    return most


def request(now):
    return Request(Actor.read("test"), SendingSettings(), now)
