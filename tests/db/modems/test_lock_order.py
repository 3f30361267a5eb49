"""Two who change the same rows of PostgreSQL take them in one order: the second waits, and the first goes on."""

from contextlib import nullcontext

import pytest
from peewee import OperationalError
from psycopg.errors import AdminShutdown, DeadlockDetected

from db.alerts.orders.control import cancel_parts
from db.alerts.orders.enqueue import BroadcastWriter
from db.alerts.orders.follow_up import stop_the_rest
from db.alerts.queue.claim import claim_part, claim_rest
from db.alerts.queue.marks import mark_pdu_started, mark_unconfirmed
from db.alerts.queue.recovery import locked_message
from db.engine import connection
from db.engine.connection import locked, writing
from db.models.broadcasts import Broadcast, Message, Part
from db.models.mail import Mail, MailLetter
from rules.refusals import WrongState
from rules.states import Cause, PartState, Stage
from tests.support.hosts import Other, uncommitted
from tests.support.people import LONG, SENDING, later, order, person, ready_modem, resend_broadcast

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


@pytest.fixture
def ordered(now, monkeypatch):
    """The modem, the alert, and its parts; nothing in this process orders its threads' writing."""
    monkeypatch.setattr(connection, "write_lock", nullcontext())

    def place(people, **text):
        modem = ready_modem("a", now)
        for number in range(people):
            person(number, now)
        placed = order(now, **text)
        return modem, placed, [part.id for part in Part.select().order_by(Part.id)]

    return place


def touch(part):
    Part.update(retries=0).where(Part.id == part).execute()


def lock(placed):
    return locked(Broadcast.select().where(Broadcast.id == placed.id)).get()


def test_those_who_cancel_the_same_parts(ordered, now):
    _, placed, (first, *others) = ordered(20)
    Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == placed.id).execute()
    Part.update(changed_at=later(now, 1)).where(Part.id == first).execute()  # PostgreSQL meets it after the others now
    with uncommitted(lambda: touch(first)):
        other = Other(lambda: cancel_parts(placed.id, "stopped", Cause.PERSON, now))
        assert other.is_waiting()
        for part in others:
            touch(part)
    assert other.result() == 20


def test_who_stops_one_message_and_who_decides_about_its_alert(ordered, now):
    _, placed, (part, _) = ordered(2)

    def stop():
        with writing():
            return list(locked_message(Part.get_by_id(part).message_id)[1])

    with uncommitted(lambda: lock(placed)):
        other = Other(stop)
        assert other.is_waiting()
        touch(part)
    assert other.result() == [part]


def test_who_corrects_an_alert_and_who_stops_it(ordered, now):
    _, placed, _ = ordered(1)
    letter = MailLetter.create(kind="daily", subject="x", created_at=now)
    about = {"broadcast": placed.id, "address": "a@example.org", "domain": "example.org", "name": "", "text": ""}
    times = {"queued_at": now, "next_at": now, "expires_at": later(now, 86400), "changed_at": now}
    mail = Mail.create(letter=letter, key=1, message_id=1, state="queued", lane=2, **about, **times)
    Part.update(state=PartState.SENT, sent_at=now).execute()
    with uncommitted(lambda: lock(placed)):
        other = Other(lambda: stop_the_rest(placed.id, "Anne", now))
        assert other.is_waiting()
        Mail.update(name="x").where(Mail.id == mail.id).execute()
    assert len(other.result()) == 1


def test_the_rest_of_a_message_that_is_stopped_is_not_taken(ordered, now):
    modem, _, (_, *rest) = ordered(1, text=LONG)
    claim = claim_part(modem, now)
    with uncommitted(lambda: Part.update(state=PartState.CANCELLED).where(Part.id == rest[0]).execute()):
        other = Other(lambda: claim_rest(claim, modem, now))
        assert other.is_waiting()
    assert other.result() is None
    assert Part.get_by_id(rest[0]).state is PartState.CANCELLED


def test_a_message_is_not_sent_again_while_a_modem_takes_another_part_of_it(ordered, now):
    modem, placed, (_, second, *_) = ordered(1, text=LONG)
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    mark_unconfirmed(claim, "no_answer", modem, now)
    with uncommitted(lambda: claim_part(modem, later(now, 1))) as taken:
        assert taken.part_id == second
        other = Other(lambda: resend_broadcast(placed.id, "unconfirmed", "Anne", SENDING, later(now, 1)))
        assert other.is_waiting()
    assert isinstance(other.result(), WrongState)
    assert Message.get().reference == claim.reference


def fail_once(monkeypatch, reason):
    """The first transaction that writes messages ends so."""
    write, reasons = BroadcastWriter._write_messages, [reason]

    def write_or_fail(self, people):
        write(self, people)
        if reasons:
            raise OperationalError(reasons.pop())

    monkeypatch.setattr(BroadcastWriter, "_write_messages", write_or_fail)


def test_an_order_that_the_server_ended_for_another_s_sake_is_written_again(now, monkeypatch):
    """Members who are deleted meanwhile are locked in another order than they are written to."""
    fail_once(monkeypatch, DeadlockDetected("deadlock detected"))
    ready_modem("a", now)
    person(1, now)
    assert order(now).recipients == Message.select().count() == 1


def test_an_order_whose_commit_may_have_been_heard_is_not_written_again(now, monkeypatch):
    fail_once(monkeypatch, AdminShutdown("terminating connection"))
    ready_modem("a", now)
    person(1, now)
    with pytest.raises(OperationalError):
        order(now)
    assert Message.select().count() == 0
