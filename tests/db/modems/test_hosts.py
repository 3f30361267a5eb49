"""Several hosts at one database: whoever comes second sees what the first did, or waits for it.

The threads here stand for processes: nothing in this process orders their writing.
"""

from contextlib import nullcontext
from datetime import timedelta

import pytest

from base.settings.values import SendingSettings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_released, mark_sent
from db.alerts.queue.recovery import close_done, expire_due, recover, take_back_expired, take_back_of
from db.alerts.queue.reports import NetworkReport, apply_report
from db.alerts.values import Sender
from db.engine import connection
from db.engine.connection import is_postgres_database
from db.models.broadcasts import Attempt, Broadcast, Part
from db.models.zone import Modem
from db.modems import status
from db.operations.events import events_after, note_deliveries
from plp.services.forgetting import forget_member
from rules.states import Stage
from tests.support.hosts import Other, uncommitted
from tests.support.people import LONG, SENDING, cancel_broadcast, later, order, person, ready_modem, resend_broadcast

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("hosts")]


@pytest.fixture
def hosts(database, monkeypatch):
    monkeypatch.setattr(connection, "write_lock", nullcontext())


def states(placed):
    return sorted(str(part.state) for part in Part.select().where(Part.broadcast == placed.id))


def test_events_pass_over_a_message_that_a_modem_writes(now):
    """Where a receipt came with a report about another part, they waited for each other."""
    modem = ready_modem("a", now)
    person(1, now)
    person(2, now)
    order(now)
    claims = [claim_part(modem, now), claim_part(modem, now)]
    for reference, claim in enumerate(claims):
        mark_pdu_started(claim, now)
        mark_sent(claim, reference, modem, now)
    delivered = NetworkReport(modem.imsi, 0, claims[0].msisdn, now, 0, "delivered")
    with uncommitted(lambda: apply_report(delivered, now)):
        jobs = Other(note_deliveries)
        # It passes over what is locked, however busy the machine is.
        assert jobs.is_waiting(20 if is_postgres_database() else 0.1) is not is_postgres_database()
    assert jobs.result() is False
    note_deliveries()
    states = {(event.subject, event.state) for event in events_after(0, 9)}
    assert states == {(claims[0].message_id, "delivered"), (claims[1].message_id, "sent")}


def test_the_parts_of_one_message_are_begun_by_one_sim(now):
    first, second = ready_modem("a", now), ready_modem("b", now, "206010000000002")
    person(1, now)
    order(now, text=LONG)
    with uncommitted(lambda: claim_part(first, now)) as claim:
        other = Other(lambda: claim_part(second, now))
        if is_postgres_database():  # it passes over what is locked, however busy the machine is
            assert not other.is_waiting(20)
        else:
            assert other.is_waiting()
    assert other.result() is None
    assert claim.seq == 1
    assert claim_part(second, now) is None
    assert claim_part(first, now).seq == 2


def test_a_part_comes_back_while_its_broadcast_is_cancelled(now):
    modem = ready_modem("a", now)
    person(1, now)
    person(2, now)
    placed = order(now)
    claim = claim_part(modem, now)
    with uncommitted(lambda: cancel_broadcast(placed.id, "anne", now)):
        other = Other(lambda: mark_released(claim, "modem_lost", now))
        assert other.is_waiting()
    assert other.result() is None
    assert states(placed) == ["cancelled", "cancelled"]


def test_a_broadcast_is_cancelled_while_a_part_comes_back(now):
    modem = ready_modem("a", now)
    person(1, now)
    person(2, now)
    placed = order(now)
    claim = claim_part(modem, now)
    with uncommitted(lambda: mark_released(claim, "modem_lost", now)):
        other = Other(lambda: cancel_broadcast(placed.id, "anne", now))
        assert other.is_waiting()
    assert other.result() == 2
    assert states(placed) == ["cancelled", "cancelled"]


def test_a_broadcast_is_not_closed_while_a_resend_puts_parts_back(now):
    modem = ready_modem("a", now)
    person(1, now)
    placed = order(now)
    mark_failed(claim_part(modem, now), "cms:1", now)
    with uncommitted(lambda: resend_broadcast(placed.id, "failed", "anne", SENDING, now)):
        other = Other(close_done)
        assert other.is_waiting()
    assert other.result() == 0
    assert Broadcast.get_by_id(placed.id).stage is Stage.QUEUED
    assert claim_part(modem, now) is not None


def test_a_submit_begins_while_another_host_finds_its_lease_over(now):
    """Back in the queue it would go out twice."""
    modem = ready_modem("a", now)
    person(1, now)
    placed = order(now)
    claim = claim_part(modem, now)
    late = later(now, 3600)
    with uncommitted(lambda: mark_pdu_started(claim, late)):
        other = Other(lambda: take_back_expired(late))
        assert other.is_waiting()
    other.result()
    take_back_expired(late)
    assert states(placed) == ["unconfirmed"]


def test_somebody_leaves_while_a_modem_asks_for_work(now):
    modem = ready_modem("a", now)
    member = person(1, now)
    placed = order(now)
    with uncommitted(lambda: forget_member(member, "anne", now)):
        other = Other(lambda: claim_part(modem, now))
        other.is_waiting()
    assert other.result() is None
    assert states(placed) == ["cancelled"]


def test_a_modem_takes_a_part_while_its_person_leaves(now):
    """What it holds may still go; given back, it does not go again."""
    modem = ready_modem("a", now)
    member = person(1, now)
    placed = order(now)
    with uncommitted(lambda: claim_part(modem, now)) as claim:
        other = Other(lambda: forget_member(member, "anne", now))
        assert other.is_waiting()
    assert other.result() is None
    assert states(placed) == ["sending"]
    mark_released(claim, "modem_lost", now)
    assert claim_part(modem, now) is None
    assert states(placed) == ["cancelled"]


def test_two_hosts_keep_house_at_once(now):
    modem = ready_modem("a", now)
    for number in range(20):
        person(number, now)
    placed = order(now, sending=SendingSettings(undo_seconds=0, validity_urgent=timedelta(minutes=1)))
    for _ in range(5):
        claim_part(modem, now)
    late = later(now, 3600)

    def keep_house():
        return expire_due(late), take_back_expired(late)

    others = [Other(keep_house) for _ in range(4)]
    found = [other.result() for other in others]
    assert sum(taken_back for _, taken_back in found) == 5
    expire_due(late)
    assert states(placed) == ["expired"] * 20


def test_only_the_own_attempts_are_dead_at_a_start(now):
    person(1, now)
    person(2, now)
    here = ready_modem("a", now)
    placed = order(now)
    claim_part(here, now)
    kept = claim_part(Sender("mill", "a", "206010000000002", False), now)
    assert recover(now, timedelta(minutes=30), "box").requeued == 1
    assert Attempt.get_by_id(kept.attempt_id).outcome == "open"
    assert states(placed) == ["queued", "sending"]
    assert take_back_of("mill", "b", now) == 0
    assert take_back_of("mill", "a", now) == 1


def test_what_another_host_is_sending_is_not_stale(now):
    ready_modem("a", now)
    person(1, now)
    order(now)
    late = later(now, 2400)
    status.beat("mill", "modem", 1, late)
    assert recover(late, timedelta(minutes=30), "box").held == 0
    status.stop_beating("mill", "modem", late)
    assert recover(late, timedelta(minutes=30), "box").held == 1


def test_rows_of_another_host_stay_where_it_may_be_one(now):
    ready_modem("a", now)
    status.save_modem("mill", "a", {"device": "/dev/x", "state": "ready"}, now)
    status.forget_other_modems("box", ["a"], now)
    left = {row.host for row in Modem.select()}
    assert left == ({"box", "mill"} if is_postgres_database() else {"box"})
    status.forget_other_modems("box", ["a"], later(now, 31 * 86400))
    assert {row.host for row in Modem.select()} == {"box"}
