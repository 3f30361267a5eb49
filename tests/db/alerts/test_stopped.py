"""What is stopped is stopped at once; its parts follow in short transactions, and a crash in between loses nothing."""

from datetime import timedelta

import pytest
from peewee import SqliteDatabase, fn

from db.alerts.orders import control
from db.alerts.orders.control import finish_stops
from db.alerts.orders.holding import hold_waiting
from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.queue.recovery import expire_due
from db.alerts.values import FollowUpOrder
from db.engine import connection
from db.engine.base import database
from db.inbound.replies.leaving import apply_stop
from db.models.broadcasts import Broadcast, Message, Part
from rules.refusals import Refusal
from rules.states import PartState
from tests.support.people import (
    SENDING,
    Text,
    cancel_broadcast,
    later,
    mobile,
    order,
    person,
    place_follow_up,
    plans_of,
    ready_modem,
    resend_broadcast,
)

pytestmark = pytest.mark.usefixtures("database")

PEOPLE = 7


class Crash(Exception):
    """The machine is switched off."""


@pytest.fixture
def modem(now, monkeypatch):
    monkeypatch.setattr(connection, "CHUNK", 3)
    for number in range(PEOPLE):
        person(number, now)
    return ready_modem("a", now)


def sent(modem, now):
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 1, modem, now)


def queued(placed):
    return Part.select().where(Part.broadcast == placed.id, Part.state == "queued").count()


def crash(*_args):
    raise Crash


def correct(broadcast_id, by, now):
    return place_follow_up(FollowUpOrder(broadcast_id, "correction", by), Text(), now)


@pytest.mark.parametrize("deed", [cancel_broadcast, correct])
def test_a_crash_in_between_stops_it_all_the_same(modem, now, monkeypatch, deed):
    alert = order(now)
    sent(modem, now)
    with monkeypatch.context() as short:
        short.setattr(connection, "give_way", crash)
        with pytest.raises(Crash):
            deed(alert.id, "Anne", now)
    assert queued(alert) == PEOPLE - 1 - 3
    assert progress(alert.id, now).state == "cancelled"
    assert claim_part(modem, now) is None
    with pytest.raises(Refusal, match="en train d'être arrêté"):
        resend_broadcast(alert.id, "failed", "Anne", SENDING, now)
    # whoever stops it may be at it still
    assert finish_stops(now + timedelta(seconds=59)) == 0
    assert finish_stops(now + timedelta(seconds=60)) == 1
    assert queued(alert) == 0
    assert progress(alert.id, now).counts["cancelled"] == PEOPLE - 1
    assert finish_stops(now + timedelta(hours=1)) == 0


def test_what_is_not_stopped_keeps_its_parts(modem, now):
    alert = order(now)
    assert control.cancel_parts(alert.id, "stopped", control.Cause.PERSON, now) == 0
    assert finish_stops(now + timedelta(hours=1)) == 0
    assert queued(alert) == PEOPLE


def test_a_message_of_several_parts_counts_once(modem, now):
    alert = order(now, Text("unDEUX", segments=("un", "DEUX")))
    assert cancel_broadcast(alert.id, "Anne", now) == PEOPLE
    assert queued(alert) == 0


def test_what_was_left_behind_is_found_by_an_index(now):
    if not isinstance(database.obj, SqliteDatabase):
        pytest.skip("PostgreSQL reads a small table whole")
    [plan] = plans_of(lambda: finish_stops(now))
    assert "broadcast_stopped" in plan
    assert "SCAN t2" not in plan
    assert "SCAN t3" not in plan


def test_what_was_stopped_is_not_sent_again_for_ever(modem, now):
    """Two people may have agreed to it, months ago: then it is a new order."""
    alert = order(now)
    sent(modem, now)
    cancel_broadcast(alert.id, "test", now)
    with pytest.raises(Refusal, match="plus de 24 heures"):
        resend_broadcast(alert.id, "cancelled", "test", SENDING, now + timedelta(hours=25))
    assert resend_broadcast(alert.id, "cancelled", "test", SENDING, now + timedelta(hours=23)) == PEOPLE - 1


@pytest.mark.parametrize("reach", [0, 1, None])
@pytest.mark.parametrize("end", ["a STOP", "the deadline"])
def test_what_a_phone_may_have_is_not_shown_as_never_sent(now, end, reach):
    """An older copy of the database was put back: how far the alert went is known, or is not."""
    for number in (1, 2):
        person(number, now)
    placed = order(now)
    first = Message.select(fn.MIN(Message.id)).where(Message.broadcast == placed.id).scalar()
    hold_waiting("restored", lambda _broadcast: None if reach is None else first + reach - 1, now)
    if end == "a STOP":
        for number in (1, 2):
            apply_stop(mobile(number), later(now, 30), later(now, 30), later(now, 60))
    else:
        Broadcast.update(deadline_at=later(now, 1)).execute()
        expire_due(later(now, 2))
    ended = PartState.CANCELLED if end == "a STOP" else PartState.EXPIRED
    perhaps = [PartState.UNCONFIRMED] * (2 if reach is None else reach)
    assert [part.state for part in Part.select().order_by(Part.message)] == [*perhaps, *[ended] * (2 - len(perhaps))]


def test_a_correction_goes_to_whoever_may_have_the_held_alert(modem, now):
    """The copy that was put back does not know that its second SMS went out."""
    alert = order(now)
    sent(modem, now)
    second = Message.select(Message.id).where(Message.broadcast == alert.id).order_by(Message.id).offset(1).limit(1)
    hold_waiting("restored", lambda _broadcast: second.scalar(), now)
    correction = correct(alert.id, "Anne", later(now, 60))
    assert correction.recipients == 2
    counts = progress(alert.id, now).counts
    assert (counts["sent"], counts["unconfirmed"], counts["cancelled"]) == (1, 1, PEOPLE - 2)
