"""The telephone of somebody on duty rings after their SMS: once, by one modem, and never before an alert."""

import pytest

from db.models.incidents import SummonsCall
from db.models.zone import AuditEntry
from db.operations.summons import (
    WANTED_FOR,
    apply_causes,
    begin_call,
    end_summons,
    mark_call,
    mark_called,
    open_summonses,
)
from modem.driver.base.interface import PortLost
from modem.errors import CommandError, ModemTimeout
from plp.services.accounts.rights import add_account
from plp.services.orders.automatic import place_alarm
from tests.support.people import Text, mobile, order, person

ANNE = mobile(91)


@pytest.fixture
def called(ready, now):
    """Somebody was called by an SMS; `ready.driver.rung` is whom the modem called, `says` what comes of it."""
    account = add_account("anne", ["officer"], None, "test", now, ANNE)
    apply_causes("incident", {"disk:1"}, now)
    (card,) = open_summonses()
    call = begin_call(card, account, "anne", now)
    mark_called(call, place_alarm(ANNE, Text(), "call:1", now), now, rings=True)
    ready.driver.rung, ready.driver.says = [], "rang"
    ready.driver.capabilities |= {"voice"}

    def ring(number, ring_s, goes_on):
        ready.driver.rung.append((number, ring_s, goes_on()))
        if isinstance(ready.driver.says, Exception):
            raise ready.driver.says
        return ready.driver.says

    ready.driver.ring = ring
    return card


def state():
    return SummonsCall.get().ring


def test_it_rings_once_when_the_sms_is_out(ready, called):
    assert state() == "wanted"
    ready.run()
    for _ in range(3):
        ready.step(2.1)
    assert ready.driver.rung == [(ANNE, 20.0, True)]
    assert [part.msisdn for part in ready.driver.taken] == [ANNE]
    assert state() == "rang"
    assert "summons_rung" in [entry.action for entry in AuditEntry.select()]


def test_an_alert_ends_the_ringing(ready, called, now):
    person(1, now)
    asked = []
    ready.driver.ring = lambda number, ring_s, goes_on: (asked.append(goes_on), "rang")[-1]
    ready.run()
    ready.step(2.1)
    assert asked[0]()
    order(now)
    assert not asked[0]()


def test_an_answer_and_the_next_call_end_the_ringing(ready, called, now):
    asked = []
    ready.driver.ring = lambda number, ring_s, goes_on: (asked.append(goes_on), "rang")[-1]
    ready.run()
    ready.step(2.1)
    assert asked[0]()
    mark_call(SummonsCall.get().id, "no_answer", now)
    assert not asked[0]()


def test_a_modem_that_refuses_leaves_it_to_another_one_and_is_not_asked_again(ready, called):
    ready.driver.says = CommandError("ATD")
    ready.run()
    for _ in range(3):
        ready.step(2.1)
    assert len(ready.driver.rung) == 1
    assert state() == "wanted"


def test_a_port_that_opens_again_may_be_another_modem_s(ready, called):
    ready.driver.says = CommandError("ATD")
    ready.run()
    ready.driver.says, ready.driver.events = "rang", [PortLost()]
    for _ in range(10):
        ready.step(2.1)
    assert (len(ready.driver.rung), state()) == (2, "rang")


def test_a_modem_that_falls_silent_does_not_ring_it_again(ready, called):
    ready.driver.says = ModemTimeout("ATD")
    ready.run()
    ready.step(2.1)
    ready.step(2.1)
    assert (len(ready.driver.rung), state()) == (1, "failed")


@pytest.mark.parametrize("late", [True, False])
def test_what_is_over_or_late_does_not_ring(ready, called, now, late):
    if late:
        ready.step(WANTED_FOR.total_seconds() + 1)
    else:
        end_summons(called.id, "answered", "anne", now)
    ready.run()
    ready.step(2.1)
    assert ready.driver.rung == []


def test_a_driver_without_voice_is_not_asked(ready, called):
    ready.driver.capabilities -= {"voice"}
    ready.run()
    ready.step(2.1)
    assert ready.driver.rung == []
