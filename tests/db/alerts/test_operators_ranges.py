"""The ranges of operators in the order of sending: each gets a text early, then the one whose reports are missing."""

import pytest

from db.alerts.queue import choosing
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from db.models.broadcasts import Part
from db.models.modem_records import SimRecipient
from db.operations.incidents import open_incident
from rules.sentences import coded
from rules.states import PartState
from tests.support.people import Text, later, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"
SILENT = coded("filtered_range", operator="Orange", since="…", texts=8, modem="a", imsi="0001").stored
ORDER = [47, 48, 49, 47, 47, 49, 48]
WHOLLY = coded("filtered", since="…", texts=8, modem="a", imsi="0001").stored


def number(n, digits):
    return f"+32{digits}0{n:06}"


def next_to(sender, now, reference=1, report=True):
    """The number that the next part goes to: taken by the network, and perhaps reported on."""
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, reference, sender, now)
    if report:
        apply_report(NetworkReport(sender.imsi, reference, claim.msisdn, now, 0, "delivered"), later(now, 5))
    return claim.msisdn


def ordered(now, ranges):
    """A modem of which the SIM has had reports of all these numbers, in this order, and an alert to them."""
    numbers = [number(n, digits) for n, digits in enumerate(ranges)]
    for n, mobile in enumerate(numbers):
        person(n, now, mobile=mobile)
    yesterday = later(now, -86400)
    sender = ready_modem("a", yesterday, A)
    order(yesterday, kind="drill", again=True)
    assert [next_to(sender, yesterday, n) for n in range(len(numbers))] == numbers
    ready_modem("a", now, A)
    order(now)
    return sender


def test_each_range_gets_one_of_the_first_texts(now):
    sender = ordered(now, [47, 47, 47, 49, 48, 47])
    first = [next_to(sender, now, n) for n in range(6)]
    assert first == [number(n, digits) for n, digits in [(0, 47), (4, 48), (3, 49), (1, 47), (2, 47), (5, 47)]]


def test_a_range_without_reports_goes_first_until_one_comes(now):
    sender = ordered(now, [47, 48, 49, 47, 48, 47, 48, 47, 49, 49, 49, 49, 49, 49])
    first = [next_to(sender, now, n, report=n != 2) for n in range(3)]
    assert first == [number(n, digits) for n, digits in enumerate([47, 48, 49])]
    tried = [next_to(sender, later(now, 20), 10 + n, report=n == 4) for n in range(5)]
    assert tried == [number(8, 49), number(9, 49), number(10, 49), number(3, 47), number(11, 49)], "and one of another"
    assert next_to(sender, later(now, 25), 20) == number(4, 48)


def test_where_no_reports_come_the_order_stays(now):
    """As for a SIM that never gave any."""
    sender = ordered(now, ORDER)
    assert [next_to(sender, now, n, report=False) for n in range(7)] == list(map(number, range(7), ORDER))


def test_a_range_of_which_this_sim_never_had_reports_is_not_tried(now):
    sender = ordered(now, [47, 48, 47, 48, 47, 48])
    person(9, now, mobile=number(9, 49))
    order(now, text=Text("Autre", "gsm7", ("Autre",)))
    Part.update(state=PartState.CANCELLED).where(Part.broadcast == 2).execute()
    assert [next_to(sender, now, n) for n in range(7)][-1] == number(9, 49)


def test_nobody_is_overtaken_by_somebody_far_behind(now, monkeypatch):
    monkeypatch.setattr(choosing, "LOOK_FAR", 3)
    sender = ordered(now, [47, 47, 47, 47, 47, 48])
    assert [next_to(sender, now, n) for n in range(4)] == [number(n, 47) for n in range(3)] + [number(5, 48)]


def test_a_range_that_has_nobody_within_reach_changes_nothing(now, monkeypatch):
    """Not even for a member of this SIM, who may overtake only those within the shorter reach."""
    monkeypatch.setattr(choosing, "LOOK_FAR", 3)
    monkeypatch.setattr(choosing, "LOOK_AHEAD", 1)
    sender = ordered(now, [47, 47, 47, 48])
    SimRecipient.update(imsi=B).where(SimRecipient.msisdn == number(0, 47)).execute()
    assert next_to(sender, now) == number(0, 47)


@pytest.mark.parametrize(
    ("open_of", "left"),
    [
        ({}, [0, 1, 2, 3]),
        ({A: SILENT}, [0, 1]),
        ({A: WHOLLY}, []),
        ({A: SILENT, B: SILENT}, [0, 1, 2, 3]),
        ({A: WHOLLY, B: SILENT}, []),
        ({A: SILENT, B: WHOLLY}, [0, 1, 2, 3]),
    ],
)
def test_a_silent_range_is_left_to_a_sim_whose_texts_arrive(now, open_of, left):
    sender = ordered(now, [47, 48, 49, 49])
    ready_modem("b", now, B)
    for imsi, sentence in open_of.items():
        open_incident("filtered", imsi, sentence, now)
    claims = iter(lambda: claim_part(sender, now), None)
    assert sorted(claim.msisdn for claim in claims) == sorted(number(n, [47, 48, 49, 49][n]) for n in left)


def test_the_only_sim_goes_on(now):
    sender = ordered(now, [49])
    open_incident("filtered", A, SILENT, now)
    assert claim_part(sender, now).msisdn == number(0, 49)
