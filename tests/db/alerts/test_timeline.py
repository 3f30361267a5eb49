"""The curve counts up what was taken and delivered, in at most sixty steps."""

import pytest

from db.alerts.progress.report import POINTS, curve
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from tests.support.people import later, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A = "206010000000001"


def taken(modem, reference, at):
    claim = claim_part(modem, at)
    mark_pdu_started(claim, at)
    mark_sent(claim, reference, modem, at)


def test_nothing_yet_is_no_curve(now):
    ready_modem("a", now)
    person(1, now)
    assert curve(order(now).id) is None
    assert curve(999) is None


def test_it_counts_up_by_seconds(now):
    modem = ready_modem("a", now)
    for number in range(3):
        person(number, now)
    broadcast = order(now).id
    for reference, seconds in ((1, 1.2), (2, 1.9), (3, 4)):
        taken(modem, reference, later(now, seconds))
    apply_report(NetworkReport(A, 1, mobile(0), later(now, 1), 0, "delivered"), later(now, 3))
    found = curve(broadcast)
    assert (found.begun_at, found.step_s, found.total) == (now, 1, 3)
    assert found.taken == (0, 2, 2, 2, 3)
    assert found.delivered == (0, 0, 0, 1, 1)


def test_a_long_one_has_wider_steps(now):
    modem = ready_modem("a", now)
    for number in range(2):
        person(number, now)
    broadcast = order(now).id
    taken(modem, 1, later(now, 5))
    taken(modem, 2, later(now, 1200))
    found = curve(broadcast)
    assert found.step_s == 21
    assert len(found.taken) <= POINTS
    assert (found.taken[0], found.taken[-1]) == (1, 2)
