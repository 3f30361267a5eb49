"""Events: each change that matters is told once, in its order, and a reader who goes on from a number misses none."""

from datetime import timedelta

import pytest

from db.models.broadcasts import Message, Part
from db.operations.events import (
    KEPT,
    events_after,
    forget_events,
    kept_events,
    mark_accepted,
    mark_of,
    note_deliveries,
    note_incidents,
)
from db.operations.incidents import FLAPPING, close_incident, open_incident
from tests.support.people import LONG, later, order, people, ready_modem

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def ordered(now):
    """An alert to three people, of one part or of three."""

    def place(text=None):
        ready_modem("a", now)
        people(3, now)
        return order(now, text).id

    return place


def told():
    while note_deliveries():
        pass
    return [(card.subject, card.state) for card in events_after(0, 10_000)]


def becomes(state, now, *conditions):
    Part.update(state=state, changed_at=now).where(*(conditions or [Part.id > 0])).execute()


def test_a_new_order_tells_nothing_and_each_state_of_a_message_once(ordered, now):
    broadcast = ordered()
    assert told() == []
    becomes("sending", now)
    assert told() == []
    becomes("sent", now)
    assert told() == told() == [(1, "sent"), (2, "sent"), (3, "sent")]
    becomes("delivered", later(now, 2), Part.message == 2)
    becomes("delivered", later(now, 1), Part.message == 3)
    assert told()[3:] == [(3, "delivered"), (2, "delivered")]
    assert {card.of for card in events_after(0, 9)} == {str(broadcast)}


def test_a_message_of_several_parts_is_as_good_as_its_worst(ordered, now):
    ordered(LONG)
    first = Message.select().first().id
    becomes("sent", now, Part.message == first, Part.seq < 3)
    assert told() == []
    becomes("sent", now, Part.message == first)
    becomes("delivered", now, Part.message == first, Part.seq == 1)
    assert told() == [(first, "sent")]
    becomes("failed", now, Part.message == first, Part.seq == 2)
    becomes("queued", later(now, 9), Part.message == first, Part.seq == 2)
    assert told() == [(first, "sent"), (first, "queued")]


def test_each_message_is_told_once_however_many_change_between_two_looks(ordered, now, monkeypatch):
    monkeypatch.setattr("db.operations.events._AT_ONCE", 2)
    ordered(LONG)
    becomes("delivered", now)
    assert told() == [(1, "delivered"), (2, "delivered"), (3, "delivered")]


def test_an_incident_begins_and_ends(now):
    open_incident("disk", "box", "Le disque est presque plein.", now)
    note_incidents(now)
    close_incident("disk", "box", later(now, 60))
    for _look in range(2):
        note_incidents(now + FLAPPING + timedelta(minutes=2))
    assert [(card.of, card.state, str(card.sentence)) for card in events_after(0, 9)] == [
        ("disk", "opened", "Le disque est presque plein."),
        ("disk", "ended", "Le disque est presque plein."),
    ]


def test_old_events_go_and_the_last_number_stays(ordered, now):
    ordered()
    becomes("sent", now)
    assert len(told()) == 3
    assert forget_events(now + KEPT) == 2
    assert kept_events() == (3, 3)
    becomes("delivered", now)
    assert [number for number, _state in told()] == [3, 1, 2, 3]
    assert [card.id for card in events_after(3, 9)] == [4, 5, 6]


def test_a_receiver_begins_with_what_happens_from_now_on_and_two_hosts_do_not_go_back(ordered, now):
    ordered()
    becomes("sent", now)
    told()
    assert mark_of("webhook") == mark_of("webhook") == 3
    mark_accepted("webhook", 3, 5)
    mark_accepted("webhook", 3, 4)
    assert mark_of("webhook") == 5
