"""What a person had stopped when a copy was made may have been sent again before it was put back."""

import pytest

from db.models.broadcasts import Part as PartRow
from db.operations import lineage
from plp.services.broadcasts import Request
from plp.services.orders import going_on
from rules.people import Actor
from tests.modem.daemon.copies import PEOPLE, Copy, send
from tests.support.people import SENDING, cancel_broadcast, later, order, ready_modem

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.usefixtures("one_machine")
def test_what_was_stopped_when_the_copy_was_made_and_was_sent_again_after_it_is_in_doubt(start, now, alert):
    """It would be shown as never sent, and somebody would send it a third time."""
    witness, sender, copy = stopped_after(start, now, alert, 1)
    going_on.resend(alert.id, Request(Actor.read("test"), SENDING, later(now, 2)), only="cancelled")
    send(witness, sender, later(now, 3), 4)
    witness.close()
    copy.put_back()
    start(later(now, 4))
    assert states_of_parts() == ["sent"] + ["unconfirmed"] * 4 + ["cancelled"] * (PEOPLE - 5)
    assert {part.reason for part in PartRow.select() if part.state == "unconfirmed"} == {"perhaps_sent"}


@pytest.mark.usefixtures("one_machine")
def test_what_was_stopped_before_the_copy_and_was_not_sent_again_stays_so(start, now, alert):
    witness, sender, copy = stopped_after(start, now, alert, 2)
    order(later(now, 1), again=True)
    send(witness, sender, later(now, 2), 3)
    witness.close()
    copy.put_back()
    start(later(now, 3))
    assert states_of_parts() == ["sent"] * 2 + ["cancelled"] * (PEOPLE - 2)


@pytest.mark.parametrize(("hours", "state"), [(23, "unconfirmed"), (25, "cancelled")])
def test_without_a_note_it_is_in_doubt_for_as_long_as_it_can_be_sent_again(start, now, alert, hours, state):
    stopped_after(start, now, alert, 1)
    put_back_without_a_note(later(now, 3600 * hours))
    assert states_of_parts() == ["sent"] + [state] * (PEOPLE - 1)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("failed", "CMS 38"),
        ("expired", "deadline"),
        ("undelivered", "st:70"),
        ("cancelled", "opted_out"),
        ("cancelled", "otherwise"),
        ("cancelled", "followed_up"),
    ],
)
def test_what_cannot_be_sent_again_or_has_to_be_called_stays_as_it_ended(start, now, alert, state, reason):
    stopped_after(start, now, alert, 1)
    PartRow.update(state=state, reason=reason).where(PartRow.state == "cancelled").execute()
    put_back_without_a_note(later(now, 60))
    assert states_of_parts() == ["sent"] + [state] * (PEOPLE - 1)


def test_an_order_that_was_undone_before_anybody_had_it_stays_undone(now, alert):
    """In doubt it would count as sent: an undone end of alert would end the alert."""
    cancel_broadcast(alert.id, "test", now)
    put_back_without_a_note(later(now, 60))
    assert set(states_of_parts()) == {"cancelled"}


def put_back_without_a_note(now):
    lineage.hold_after_restore(None, (), {}, True, now)


def stopped_after(start, now, alert, count):
    """`count` people have it, somebody stopped the rest, and a copy was made then."""
    sender = ready_modem("a", now)
    witness = start(now)
    send(witness, sender, now, count)
    witness.close()
    cancel_broadcast(alert.id, "test", now)
    return witness, sender, Copy()


def states_of_parts():
    return [part.state for part in PartRow.select().order_by(PartRow.id)]
