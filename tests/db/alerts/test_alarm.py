"""An alarm to the duty phone: one SMS to a number that nobody else may be reached at, before welcomes, once."""

import pytest

from db.alerts.orders.earlier import alarms_since
from db.alerts.progress.history import newest
from db.alerts.queue.claim import claim_part, is_still_due
from db.alerts.queue.marks import mark_released
from db.models.broadcasts import Broadcast, Message
from plp.services.orders.automatic import place_alarm
from rules.refusals import NotReady, Refusal
from tests.support.people import LONG, Text, later, mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

DUTY = mobile(99)


def test_it_goes_to_the_duty_phone_once_and_stands_in_no_history(now):
    ready_modem("a", now)
    first = place_alarm(DUTY, Text(), "alarm:1", now)
    assert place_alarm(DUTY, Text(), "alarm:1", later(now, 9)) == first
    assert [row.msisdn for row in Message.select()] == [DUTY]
    assert newest(50, now) == []
    assert alarms_since(later(now, -1)) == 1
    assert alarms_since(later(now, 1)) == 0


def test_alerts_go_before_it_and_welcomes_behind(now):
    modem = ready_modem("a", now)
    person(1, now)
    order(now, kind="welcome", priority="normal")
    alarm = place_alarm(DUTY, Text(), "alarm:1", now)
    alert = order(now, Text("Incendie", segments=("Incendie",)))
    kinds = [Broadcast.get_by_id(claim_part(modem, now).broadcast_id).kind for _ in range(3)]
    assert kinds == ["alert", "alarm", "welcome"]
    assert alarm != alert.id


def test_a_call_of_somebody_on_duty_overtakes_a_running_alert(now):
    modem = ready_modem("a", now)
    person(1, now)
    person(2, now)
    order(now, Text("Incendie", segments=("Incendie",)))
    running = claim_part(modem, now)
    waiting = claim_part(modem, now)
    assert is_still_due(waiting, modem, now)
    call = place_alarm(DUTY, Text(), "call:1", now, "call")
    assert not is_still_due(waiting, modem, now), "what was claimed ahead goes back"
    mark_released(waiting, "overtaken", now)
    assert [claim_part(modem, now).broadcast_id for _ in range(2)] == [call, running.broadcast_id]


def test_it_waits_while_nothing_could_send(now):
    with pytest.raises(NotReady):
        place_alarm(DUTY, Text(), "alarm:1", now)
    assert Broadcast.select().count() == 0


@pytest.mark.parametrize(("number", "text"), [("101", Text()), ("0470000099", Text()), (DUTY, LONG)])
def test_it_is_one_message_to_a_mobile(now, number, text):
    ready_modem("a", now)
    with pytest.raises(Refusal):
        place_alarm(number, text, "alarm:1", now)


def test_what_is_claimed_ahead_for_who_agreed_to_nothing_does_not_go_back(now):
    modem = ready_modem("a", now)
    place_alarm(DUTY, Text(), "alarm:1", now)
    assert is_still_due(claim_part(modem, now), modem, now)
