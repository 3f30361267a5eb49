"""The queue as a technician sees it."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.listing import queue_counts, queue_page
from db.alerts.queue.marks import mark_pdu_started, mark_retry, mark_unconfirmed
from db.models.broadcasts import Broadcast
from rules.states import Stage
from tests.support.people import order, person, plans_of, ready_modem

pytestmark = pytest.mark.usefixtures("database")

A, B = "206010000000001", "206010000000002"


@pytest.fixture
def modems(now):
    """Two ready modems, a and b, and three people."""
    for number in (1, 2, 3):
        person(number, now)
    return ready_modem("a", now, A), ready_modem("b", now, B)


def page(view="queued", number=1):
    return queue_page(view, number, queue_counts())


def unanswered(sender, now):
    """A message whose only part is unconfirmed."""
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_unconfirmed(claim, "no_answer", sender, now)
    return claim.message_id


def test_each_part_is_in_the_view_of_its_state(modems, now):
    order(now)
    claim_part(modems[0], now)
    unclear = unanswered(modems[1], now)
    counts = queue_counts()
    assert counts == {"queued": 1, "sending": 1, "unconfirmed": 1}
    [sending], [row] = page("sending").rows, page("unconfirmed").rows
    assert (sending.seat, sending.imsi, sending.recipient) == ("box/a", A, "+324•••••01")
    assert (row.message_id, row.tries[-1].outcome, row.tries[-1].reason) == (unclear, "unconfirmed", "no_answer")
    [waiting] = page().rows
    assert (waiting.seat, waiting.tries, waiting.since) == (None, (), now)


def test_a_refused_part_tells_its_code_and_when_it_is_tried_again(modems, now):
    placed = order(now)
    mark_retry(claim_part(modems[0], now), "CMS 38", now + timedelta(minutes=5), now)
    row = page().rows[-1]
    assert (row.tries[0].reason, row.tries[0].seat, row.not_before_at) == (
        "CMS 38",
        "box/a",
        now + timedelta(minutes=5),
    )
    assert row.deadline_at == Broadcast.get_by_id(placed.id).deadline_at


def test_alerts_stand_before_what_is_not_urgent_and_nothing_is_shown_before_it_is_whole(modems, now):
    order(now, priority="normal", kind="welcome")
    alert = order(now, again=True)
    assert page().rows[0].broadcast_id == alert.id
    Broadcast.update(stage=Stage.PREPARING).where(Broadcast.id == alert.id).execute()
    assert {row.broadcast_id for row in page().rows} == {1}


def test_the_queue_is_paged(modems, now, monkeypatch):
    order(now)
    order(now, again=True)
    claim_part(modems[1], now)
    monkeypatch.setattr("db.alerts.queue.listing.PER_PAGE", 2)
    assert [len(page(number=number).rows) for number in (1, 2, 3)] == [2, 2, 1]


@pytest.mark.sqlite
def test_what_the_page_asks_uses_the_indexes_of_the_queue(modems, now):
    order(now)
    plans = plans_of(lambda: (page("queued"), page("unconfirmed"), page("sending")))
    parts = [plan for plan in plans if "part_" in plan]
    assert len(parts) >= 6
    for plan in plans:
        assert "SCAN t1'" not in plan or "part" not in plan, plan
    assert any("part_queue" in plan for plan in plans)
    assert any("part_unconfirmed" in plan for plan in plans)
    assert any("part_sending" in plan for plan in plans)
