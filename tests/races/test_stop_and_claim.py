"""A stop and a claim at one moment: each message goes out or is stopped, and none is taken after the stop."""

from functools import partial

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part, is_still_due
from db.alerts.queue.marks import mark_pdu_started, mark_released, mark_sent
from rules.refusals import WrongState
from tests.support.people import cancel_broadcast, order, person
from tests.support.races import BEGIN, COMMIT, race

STAGE, TAKEN, STARTED = 'UPDATE "broadcast" SET "stage"', 'UPDATE "part" ', 'UPDATE "attempt" '


@pytest.fixture
def alert(modem, now):
    for number in range(2):
        person(number, now)
    return order(now).id


@pytest.fixture
def deeds(alert, modem, now):
    return {"stop": partial(cancel_broadcast, alert, "Anne", now), "claim": partial(claim_part, modem, now)}


@pytest.mark.parametrize(
    ("first", "at"),
    [
        ("stop", (STAGE,)),
        ("stop", (STAGE, COMMIT)),
        ("stop", (STAGE, BEGIN)),  # stopped, and its parts are still queued
        ("stop", (STAGE, BEGIN, COMMIT)),
        ("claim", (TAKEN,)),
        ("claim", (TAKEN, COMMIT)),
    ],
)
def test_each_message_is_stopped_or_goes(deeds, alert, modem, now, first, at):
    came_to = dict(zip((first, *({*deeds} - {first})), race(deeds.pop(first), at, *deeds.values()), strict=True))
    claim = came_to["claim"]
    assert came_to["stop"] == (2 if claim is None else 1)
    assert claim is None or BEGIN not in at, "claimed of what was stopped"
    if claim is not None:
        assert not is_still_due(claim, modem, now)
        mark_released(claim, "overtaken", now)
    assert claim_part(modem, now) is None
    assert progress(alert, now).counts["cancelled"] == 2


@pytest.mark.parametrize("at", [(STARTED,), (STARTED, COMMIT)])
def test_between_claim_and_pdu_it_goes_and_is_not_counted_as_stopped(alert, modem, now, at):
    claim = claim_part(modem, now)
    stop = partial(cancel_broadcast, alert, "Anne", now)
    started, stopped = race(lambda: mark_pdu_started(claim, now), at, stop)
    assert (started, stopped) == (None, 1)
    mark_sent(claim, 1, modem, now)
    counts = progress(alert, now).counts
    assert (counts["sent"], counts["cancelled"]) == (1, 1)


@pytest.mark.parametrize("at", [(STAGE,), (STAGE, COMMIT)])
def test_it_is_stopped_once(alert, now, at):
    stop = partial(cancel_broadcast, alert, "Anne", now)
    stopped, refused = race(stop, at, stop)
    assert stopped == 2
    assert isinstance(refused, WrongState), refused
