"""Several processes and threads at one queue: every part goes out once."""

import threading
import time

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.engine.connection import UNAVAILABLE, connected
from db.models.broadcasts import Attempt, Part
from tests.support.people import cancel_broadcast, order, people, ready_modem
from tests.support.processes import claimed, running

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.usefixtures("database")]

PARTS = 400


@pytest.fixture
def placed(now):
    ready_modem("m0", now)
    people(PARTS, now)
    return order(now)


def attempts_per_part():
    return [len(list(part.attempts)) for part in Part.select()]


def test_eight_processes_share_four_hundred_parts(placed, tmp_path, now):
    with running(claimed, tmp_path, [(number,) for number in range(8)]) as results:
        found = results()
    taken = [part_id for each in found for part_id in each]
    assert len(taken) == len(set(taken)) == PARTS
    assert attempts_per_part() == [1] * PARTS
    assert Attempt.select().where(Attempt.outcome == "sent").count() == PARTS
    assert progress(placed.id, now).counts["sent"] == PARTS
    # each took its own in the order of the broadcast
    assert all(each == sorted(each) for each in found)
    assert sum(1 for each in found if each) > 1


def test_a_cancel_in_the_middle_stops_what_waits(placed, tmp_path, now):
    with running(claimed, tmp_path, [(number,) for number in range(8)]) as results:
        until = time.monotonic() + 30
        while Attempt.select().count() < 40:
            assert time.monotonic() < until
            time.sleep(0.005)
        stopped = cancel_broadcast(placed.id, "anne", now)
        taken = [part_id for each in results() for part_id in each]
    counts = progress(placed.id, now).counts
    assert 0 < stopped < PARTS
    assert counts["cancelled"] == stopped
    assert counts["sent"] == len(taken) == len(set(taken)) == PARTS - stopped
    assert max(attempts_per_part()) == 1


def test_eight_threads_and_a_cancel(placed, now):
    gate, taken, failures = threading.Barrier(9), [], []

    def send(sender):
        gate.wait()
        try:
            with connected():
                while (claim := claim_part(sender, now)) is not None:
                    mark_pdu_started(claim, now)
                    mark_sent(claim, 1, sender, now)
                    taken.append(claim.part_id)
        except UNAVAILABLE as error:
            failures.append(error)

    senders = [ready_modem(f"m{number}", now, f"20601000000000{number}") for number in range(8)]
    threads = [threading.Thread(target=send, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    gate.wait()
    while len(taken) < 20 and not failures:
        time.sleep(0.001)
    stopped = cancel_broadcast(placed.id, "anne", now)
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(taken) == len(set(taken)) == PARTS - stopped
    assert progress(placed.id, now).counts["cancelled"] == stopped > 0
