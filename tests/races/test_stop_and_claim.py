"""A stop and a claim at one moment: each message goes out or is stopped, and none is taken after the stop."""

from functools import partial

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue import claim
from db.alerts.queue.claim import claim_part, is_still_due
from db.alerts.queue.marks import mark_pdu_started, mark_released, mark_sent
from db.engine.connection import is_postgres_database, writing
from rules.refusals import WrongState
from rules.states import LANE_NORMAL
from tests.support.people import cancel_broadcast, mobile, order, person, ready_modem
from tests.support.races import BEGIN, COMMIT, race, stage

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
    claimed = came_to["claim"]
    assert came_to["stop"] == (2 if claimed is None else 1)
    assert claimed is None or BEGIN not in at, "claimed of what was stopped"
    if claimed is not None:
        assert not is_still_due(claimed, modem, now)
        mark_released(claimed, "overtaken", now)
    assert claim_part(modem, now) is None
    assert progress(alert, now).counts["cancelled"] == 2


@pytest.mark.parametrize("gone", ["stopped", "taken"])
def test_what_was_seen_waiting_is_taken_only_if_it_waits_still(alert, modem, now, monkeypatch, gone):
    """Its row is locked while it is looked for; should it be another's meanwhile, nobody gets it twice."""
    seen = claim.next_part(modem, now, LANE_NORMAL)
    if gone == "stopped":
        cancel_broadcast(alert, "Anne", now)
    else:
        assert claim_part(modem, now).part_id == seen.id
    found = iter([seen])
    monkeypatch.setattr(claim, "next_part", lambda *values: next(found, None))
    with writing():
        assert claim.claim_within(modem, now, LANE_NORMAL) is None


@pytest.mark.parametrize("at", [(TAKEN,), (TAKEN, COMMIT)])
def test_two_modems_take_two_parts_and_none_waits_for_the_other(alert, modem, now, at):
    other = ready_modem("b", now, "206010000000002")
    with stage() as enter:
        one, two = enter(partial(claim_part, modem, now)), enter(partial(claim_part, other, now))
        assert one.go_to(*at) == "stopped"
        # SQLite has one writer.
        assert two.finish() == ("done" if is_postgres_database() else "waits")
        assert [one.finish(), two.finish()] == ["done", "done"]
    assert {one.came_to.msisdn, two.came_to.msisdn} == {mobile(0), mobile(1)}


@pytest.mark.parametrize("at", [(STARTED,), (STARTED, COMMIT)])
def test_between_claim_and_pdu_it_goes_and_is_not_counted_as_stopped(alert, modem, now, at):
    claimed = claim_part(modem, now)
    stop = partial(cancel_broadcast, alert, "Anne", now)
    started, stopped = race(lambda: mark_pdu_started(claimed, now), at, stop)
    assert (started, stopped) == (None, 1)
    mark_sent(claimed, 1, modem, now)
    counts = progress(alert, now).counts
    assert (counts["sent"], counts["cancelled"]) == (1, 1)


@pytest.mark.parametrize("at", [(STAGE,), (STAGE, COMMIT)])
def test_it_is_stopped_once(alert, now, at):
    stop = partial(cancel_broadcast, alert, "Anne", now)
    stopped, refused = race(stop, at, stop)
    assert stopped == 2
    assert isinstance(refused, WrongState), refused
