"""Two who correct or end one alert at one moment: one text goes, and the other's author is told of it."""

import time
from functools import partial

import pytest

from db.alerts.orders.earlier import newest_order
from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed, mark_pdu_started, mark_sent
from db.alerts.values import FollowUpOrder
from rules.refusals import Duplicate, Overtaken, WrongState
from tests.support.people import SENDING, Text, order, person, place_follow_up, resend_broadcast
from tests.support.races import BEGIN, COMMIT, race, stops_at

STAGE, INSERT, MESSAGES, VISIBLE = (
    'UPDATE "broadcast" SET "stage"',
    'INSERT INTO "broadcast" ',
    'INSERT INTO "message" ',
    'UPDATE "broadcast" SET "stage".*"recipients"',
)
# Before the stop of the rest; stopped; what others did was looked for; begun; written; visible.
POINTS = [(STAGE,), (STAGE, BEGIN), (INSERT,), (INSERT, COMMIT), (INSERT, BEGIN), (MESSAGES, COMMIT), (VISIBLE, COMMIT)]

# While the first is being written, and nothing of it is locked.
LOOKED_FOR = POINTS[4:]


@pytest.fixture
def alert(modem, now):
    """One has it, one was refused it, one waits."""
    for number in range(3):
        person(number, now)
    placed = order(now).id
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 1, modem, now)
    claim = claim_part(modem, now)
    mark_pdu_started(claim, now)
    mark_failed(claim, "CMS 1", now)
    return placed


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize(
    ("how", "refusal"), [({}, Duplicate), ({"again": True, "seen": 1}, Overtaken), ({"idempotency_key": "k"}, None)]
)
def test_one_goes_and_the_other_is_told(alert, now, at, how, refusal, monkeypatch):
    """With one key the second looks for the first until that is whole, and is told of the same."""
    stops_at(monkeypatch, time, "sleep")
    text = Text("Correction.", segments=("Correction.",))
    press = partial(place_follow_up, FollowUpOrder(alert, "correction", "Anne", **how), text, now)
    came_to = race(press, at, press, then=["^sleep"] if at in LOOKED_FOR and refusal is None else [])
    refused = [one for one in came_to if isinstance(one, Exception)]
    assert [type(one) for one in refused] == ([] if refusal is None else [refusal]), came_to
    assert newest_order() == alert + 1
    counts = progress(alert, now).counts
    assert (counts["sent"], counts["failed"], counts["cancelled"]) == (1, 1, 1)


@pytest.mark.parametrize("at", POINTS)
def test_nobody_is_sent_the_alert_again_and_no_correction(alert, now, at):
    """Sent again before the stop it is stopped anew; after the correction was admitted it is refused."""
    text = Text("Correction.", segments=("Correction.",))
    correct = partial(place_follow_up, FollowUpOrder(alert, "correction", "Anne"), text, now)
    corrected, again = race(correct, at, partial(resend_broadcast, alert, "failed", "Luc", SENDING, now))
    assert isinstance(corrected, WrongState) or isinstance(again, WrongState) or at == (STAGE,), (corrected, again)
    if not isinstance(corrected, Exception):
        assert progress(alert, now).counts["queued"] == 0
