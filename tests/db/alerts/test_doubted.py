"""Receipts of a modem that turned out to be in text mode."""

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_doubted, mark_pdu_started, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from tests.support.people import order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")


def counts(placed, now):
    return {state: count for state, count in progress(placed.id, now).counts.items() if count}


def test_the_last_receipts_are_doubted_and_a_report_still_finds_its_part(now):
    modem = ready_modem("a", now)
    other = ready_modem("b", now, "206010000000002")
    for number in range(5):
        person(number, now)
    placed = order(now)
    claims = []
    for reference, sender in enumerate((modem, modem, other, modem, modem)):
        claims.append(claim_part(sender, now))
        mark_pdu_started(claims[-1], now)
        mark_sent(claims[-1], reference, sender, now)
    delivered = NetworkReport(modem.imsi, 4, claims[4].msisdn, now, 0, "delivered")
    apply_report(delivered, now)
    assert mark_doubted(modem, 3, now) == 2
    assert counts(placed, now) == {"sent": 2, "delivered": 1, "unconfirmed": 2}
    apply_report(NetworkReport(modem.imsi, 3, claims[3].msisdn, now, 0, "delivered"), now)
    assert counts(placed, now) == {"sent": 2, "delivered": 2, "unconfirmed": 1}
