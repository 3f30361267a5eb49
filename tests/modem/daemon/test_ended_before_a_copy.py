"""What had ended without an SMS when a copy was made may have been sent again before it was put back."""

from datetime import timedelta

import pytest

from db.models.broadcasts import Broadcast
from db.models.broadcasts import Part as PartRow
from db.operations import lineage
from modem.daemon import witness as module
from plp.services.broadcasts import Request
from plp.services.orders import going_on
from rules.people import Actor
from rules.states import Stage
from tests.modem.daemon.copies import PEOPLE, Copy, send
from tests.support.people import SENDING, later, order, ready_modem

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def one_machine(monkeypatch):
    """Where the others' notes may know of more, all of it is in doubt."""
    monkeypatch.setattr(module, "is_postgres_database", lambda: False)


@pytest.mark.usefixtures("one_machine")
@pytest.mark.parametrize("ended", ["cancelled", "failed", "expired", "undelivered"])
def test_what_had_ended_when_the_copy_was_made_and_was_sent_again_after_it_is_in_doubt(start, now, alert, ended):
    """It would be shown as never sent, and somebody would send it a third time."""
    witness, sender, copy = stopped_after(start, now, alert, 1, ended)
    going_on.resend(alert.id, Request(Actor.read("test"), SENDING, later(now, 2)), only=ended)
    send(witness, sender, later(now, 3), 4)
    witness.close()
    copy.put_back()
    start(later(now, 4))
    assert states_of_parts() == ["sent"] + ["unconfirmed"] * 4 + [ended] * (PEOPLE - 5)
    assert {part.reason for part in PartRow.select() if part.state == "unconfirmed"} == {"perhaps_sent"}


@pytest.mark.usefixtures("one_machine")
def test_what_ended_before_the_copy_and_was_not_sent_again_stays_as_it_ended(start, now, alert):
    witness, sender, copy = stopped_after(start, now, alert, 2, "cancelled")
    order(later(now, 1), again=True)
    send(witness, sender, later(now, 2), 3)
    witness.close()
    copy.put_back()
    start(later(now, 3))
    assert states_of_parts() == ["sent"] * 2 + ["cancelled"] * (PEOPLE - 2)


@pytest.mark.parametrize(("hours", "state"), [(23, "unconfirmed"), (25, "failed")])
def test_without_a_note_what_ended_is_in_doubt_for_as_long_as_it_can_be_sent_again(now, alert, hours, state):
    PartRow.update(state="failed").execute()
    lineage.hold_after_restore(None, (), {}, True, now + timedelta(hours=hours))
    assert set(states_of_parts()) == {state}


def stopped_after(start, now, alert, count, ended):
    """`count` people have it, the others' parts ended in this state, and a copy was made then."""
    sender = ready_modem("a", now)
    witness = start(now)
    send(witness, sender, now, count)
    witness.close()
    Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == alert.id).execute()
    PartRow.update(state=ended, reason="stopped").where(PartRow.state == "queued").execute()
    return witness, sender, Copy()


def states_of_parts():
    return [part.state for part in PartRow.select().order_by(PartRow.id)]
