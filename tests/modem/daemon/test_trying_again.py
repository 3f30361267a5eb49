"""A modem that was paused for its silences is tried at once when somebody asks or pulls it out, or it has a success."""

from datetime import timedelta

import pytest

from db.modems import commands
from modem import errors
from modem.daemon.policy.sim_health import QUARANTINE, SILENT_PAUSES, Condition, Hold
from modem.driver.base.interface import PortLost
from rules.sentences import NOTHING
from rules.states import LANE_URGENT
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


def test_a_try_that_anybody_may_ask_for_sends_at_once(long_paused):
    commands.ask("box", "a", "try", "anne", long_paused.clock.now)
    long_paused.step(1.1)
    long_paused.run()
    assert long_paused.counts(long_paused.placed).keys() == {"sent", "unconfirmed"}
    assert long_paused.card().state == "ready"


def test_ten_tries_of_a_modem_that_stays_silent_risk_one_message_each(long_paused):
    def unanswered(part, on_pdu_start):
        on_pdu_start()
        raise errors.SubmitUnconfirmed(15)

    long_paused.driver.submit = unanswered
    before = long_paused.counts(long_paused.placed)["unconfirmed"]
    for _ in range(10):
        commands.ask("box", "a", "try", "anne", long_paused.clock.now)
        long_paused.step(1.1)
        long_paused.run()
        assert long_paused.card().state != "ready"
    assert long_paused.counts(long_paused.placed)["unconfirmed"] - before <= 10


def test_the_next_try_is_told_and_is_the_one_that_comes(long_paused):
    long_paused.step(1)
    told_at = long_paused.card().next_try_at
    left_s = (told_at - long_paused.clock.now).total_seconds()
    assert 60 < left_s <= 300
    while sent(long_paused) == 0:
        assert long_paused.clock.now <= told_at + timedelta(seconds=2)
        long_paused.step(1)
    assert long_paused.clock.now >= told_at
    long_paused.step(1)
    assert long_paused.card().next_try_at is None


def test_a_try_leaves_a_swapped_card_and_a_pause_without_end_alone(now):
    condition = Condition()
    condition.hold = QUARANTINE
    condition.try_now(now)
    assert condition.hold is QUARANTINE
    condition.hold = Hold("out_of_service", NOTHING, None, now + timedelta(seconds=30))
    condition.try_now(now)
    assert condition.lowest_lane(now) == LANE_URGENT
