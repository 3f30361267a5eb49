"""A modem that was paused for its silences is tried at once when somebody asks or pulls it out, or it has a success."""

from datetime import timedelta

import pytest

from db.modems import commands
from modem import errors
from modem.daemon.policy.sim_health import SILENT_PAUSES, Condition
from modem.driver.base.interface import PortLost
from tests.support.people import mobile, order, person


@pytest.fixture
def long_paused(ready, now):
    """Its answers were lost until it is tried every five minutes; it is well again, and an alert waits."""
    for number in range(30):
        person(number, now)
    placed = order(now)
    submit = ready.driver.submit

    def unanswered(part, on_pdu_start):
        on_pdu_start()
        raise errors.SubmitUnconfirmed(15)

    ready.driver.submit = unanswered
    for _ in range(2000):
        if ready.card().state == "out_of_service":
            break
        ready.step(1)
    ready.driver.submit = submit
    ready.placed = placed
    return ready


def sent(bench):
    return bench.counts(bench.placed).get("sent", 0)


def test_it_waits_for_minutes_by_itself(long_paused):
    for _ in range(30):
        long_paused.step(1)
    assert sent(long_paused) == 0


def test_a_person_may_ask_for_a_try_at_once(long_paused):
    commands.ask("box", "a", "resume", "anne", long_paused.clock.now)
    long_paused.step(1.1)
    long_paused.run()
    assert long_paused.counts(long_paused.placed).keys() == {"sent", "unconfirmed"}


def test_a_modem_that_was_pulled_out_and_put_in_is_tried_at_once(long_paused):
    long_paused.driver.events.append(PortLost())
    long_paused.present = False
    long_paused.step(1)
    long_paused.step(1)
    long_paused.present = True
    long_paused.step(1)
    long_paused.run()
    assert long_paused.counts(long_paused.placed).keys() == {"sent", "unconfirmed"}


def test_after_a_success_the_pauses_begin_with_the_shortest(now):
    condition = Condition()
    for _ in range(5):
        condition.unanswered(now)
    assert condition.hold.until > now + SILENT_PAUSES[1]
    condition.sent(mobile(1), now)
    condition.unanswered(now)
    assert condition.hold.until == now + SILENT_PAUSES[0]
    assert condition.lowest_lane(now + timedelta(seconds=5)) is not None
