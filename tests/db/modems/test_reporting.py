"""The texts of a SIM with their reports, as the rule of silence reads them."""

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent, mark_unconfirmed
from db.alerts.queue.reports import NetworkReport, apply_report
from db.engine.connection import is_postgres_database
from db.modems.readiness import filtered_sims, ready_sims, sent_before, sent_lately
from db.operations.incidents import close_incident, open_incident
from rules.orders.silence import LATELY, TextSent
from tests.support.people import later, mobile, order, people, plans_of, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A = "206010000000001"


@pytest.fixture
def modem(now):
    people(4, now)
    return ready_modem("a", now, A)


def test_texts_with_and_without_their_reports(now, modem):
    order(now)
    claims = [claim_part(modem, now) for _ in range(4)]
    for claim in claims:
        mark_pdu_started(claim, now)
    mark_sent(claims[0], 1, modem, now)
    mark_sent(claims[1], 2, modem, later(now, 4))
    mark_sent(claims[2], None, modem, later(now, 8))
    mark_unconfirmed(claims[3], "no_answer", modem, later(now, 12))
    apply_report(NetworkReport(A, 2, mobile(1), now, 0x46, "undelivered"), later(now, 9))
    at = later(now, 20)
    assert sent_lately(A, at) == [
        TextSent(mobile(0), now, None),
        TextSent(mobile(1), later(now, 4), later(now, 9)),
    ], "without a reference no report can come"
    assert sent_before(A, at) == []
    assert sent_lately(A, at + LATELY) == []
    assert sent_before(A, at + LATELY) == sent_lately(A, at)[::-1]
    assert sent_lately("another", at) == []


def test_the_sims_that_can_send_and_those_that_are_filtered(now, modem):
    ready_modem("b", now, "206010000000002", state="absent")
    assert ready_sims(now) == [(A, "box/a")]
    open_incident("filtered", A, "…", now)
    assert filtered_sims() == {A: "+%"}
    close_incident("filtered", A, now)
    assert filtered_sims() == {}


def test_each_walks_the_index_of_its_sim(now, modem):
    if is_postgres_database():
        pytest.skip("how SQLite answers")
    for read in (sent_lately, sent_before):
        (plan,) = plans_of(lambda read=read: read(A, now))
        assert "attempt_imsi_ended_at" in plan
        assert "TEMP B-TREE" not in plan
