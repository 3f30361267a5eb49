"""A modem that takes messages whole (ModemManager): a message's parts are handed over together and share one fate."""

import pytest

from db.alerts.queue.recovery import recover
from db.models.broadcasts import Attempt, Part
from modem import errors
from modem.daemon.worker import sending
from modem.driver.base.interface import LateReceipt
from tests.modem.daemon.bench import Bench
from tests.support.hosts import Other
from tests.support.people import LONG, cancel_broadcast, mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def whole(ready):
    ready.driver.capabilities = frozenset({"whole"})
    return ready


def states(placed):
    parts = Part.select().where(Part.broadcast == placed.id).order_by(Part.seq)
    return [(str(part.state), part.reason) for part in parts]


def references():
    return [attempt.reference for attempt in Attempt.select().join(Part).order_by(Part.seq)]


def test_a_long_message_is_one_submit_and_its_receipt_is_the_last_parts(whole, now):
    person(1, now)
    placed = order(now, text=LONG)
    whole.run()
    assert [(part.text, part.seq, part.total) for part in whole.driver.taken] == [("unDEUXtrois", 1, 1)]
    assert whole.counts(placed) == {"sent": 1}
    assert references() == [None, None, 1]


def test_no_answer_makes_all_its_parts_unconfirmed_and_a_late_receipt_all_sent(whole, now):
    person(1, now)
    placed = order(now, text=LONG)
    silence = errors.SubmitUnconfirmed(180, submit=1)
    whole.driver.trouble[mobile(1)] = [silence]
    whole.driver.after = {silence}
    whole.run()
    assert states(placed) == [("unconfirmed", "no_answer")] * 3
    whole.driver.events.append(LateReceipt(7, submit=1))
    whole.step()
    assert states(placed) == [("sent", "")] * 3
    assert references() == [None, None, 7]


def test_a_refusal_for_now_brings_it_back_whole(whole, now):
    person(1, now)
    placed = order(now, text=LONG)
    whole.driver.trouble[mobile(1)] = [errors.CmsError("Send", 42)]
    whole.run()
    assert states(placed) == [("queued", "CMS 42")] * 3
    whole.step(3600)
    whole.run()
    assert [part.text for part in whole.driver.taken] == ["unDEUXtrois"]
    assert whole.counts(placed) == {"sent": 1}


@pytest.mark.parametrize(("error", "reason"), [(errors.CmsError("Send", 1), "CMS 1"), (errors.PduError("no"), "codec")])
def test_a_refusal_for_good_fails_all_its_parts(whole, now, error, reason):
    person(1, now)
    placed = order(now, text=LONG)
    whole.driver.trouble[mobile(1)] = [error]
    whole.run()
    assert states(placed) == [("failed", reason)] * 3


def test_a_message_of_which_a_part_went_out_alone_is_not_sent_again(whole, now):
    """By another driver, before the section was changed."""
    person(1, now)
    placed = order(now, text=LONG)
    capabilities, whole.driver.capabilities = whole.driver.capabilities, frozenset()
    whole.step()
    whole.worker.put_back("stopped")
    whole.driver.capabilities = capabilities
    whole.run()
    assert [part.text for part in whole.driver.taken] == ["un"]
    assert states(placed) == [("sent", ""), ("failed", "codec"), ("cancelled", "sibling_failed")]


def test_a_message_that_is_stopped_as_it_is_taken_is_stopped_whole(whole, now, monkeypatch):
    person(1, now)
    placed = order(now, text=LONG)
    take_rest = sending.claim_rest

    def stop_and_take_rest(*claimed):
        Other(lambda: cancel_broadcast(placed.id, "Anne", now)).result()
        return take_rest(*claimed)

    monkeypatch.setattr(sending, "claim_rest", stop_and_take_rest)
    whole.run()
    assert states(placed) == [("cancelled", "stopped")] * 3
    assert whole.driver.taken == []


def test_killed_after_it_was_handed_over_all_of_it_is_unconfirmed(whole, now):
    person(1, now)
    placed = order(now, text=LONG)

    def killed():
        raise SystemExit

    whole.driver.before_start = killed
    with pytest.raises(SystemExit):
        whole.run()
    assert [state for state, _ in states(placed)] == ["sending"] * 3
    Attempt.update(pdu_started_at=now).execute()
    recover(now, None)
    assert states(placed) == [("unconfirmed", "restart")] * 3
    assert whole.driver.taken == []


def test_each_of_its_parts_counts_for_the_hour(now):
    bench = Bench(now, hour_limit=3)
    bench.driver.capabilities = frozenset({"whole"})
    bench.run()
    for number in range(2):
        person(number, now)
    placed = order(now, text=LONG)
    bench.run()
    assert bench.counts(placed) == {"sent": 1, "queued": 1}
