"""A full, slow storage and an alert: the first SMS does not wait until it is empty, and nothing that waits is lost."""

import pytest

from db.engine.connection import connected
from db.models.broadcasts import Attempt
from db.modems.status import beat
from tests.modem.daemon.lives import told
from tests.modem.daemon.storage import FIVE_MINUTES, stored_texts, text
from tests.support.people import order, person
from tests.support.processes import in_a_thread

SLOW_S = 4.0
PLACES = 10
SOON_S = 10

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def slow(bench, now):
    """A modem that takes 4 s to free a place, and has ten texts."""
    delete = bench.driver.delete_stored

    def delete_slowly(stored):
        bench.clock.forward(SLOW_S)
        delete(stored)

    bench.driver.delete_stored = delete_slowly
    bench.driver.stored = {place: text(f"{place}", now) for place in range(1, PLACES + 1)}
    return bench


def sent_after_s(began):
    first = Attempt.select().order_by(Attempt.id).first()
    return (first.pdu_started_at - began).total_seconds()


def test_an_alert_that_waits_when_the_port_is_opened(slow, now):
    for number in range(3):
        person(number, now)
    slow.driver.stored, full = {}, slow.driver.stored
    slow.run()
    placed = order(slow.clock.now)
    slow.driver.stored = full
    slow.worker.close()
    began = slow.clock.now
    slow.run()
    assert sent_after_s(began) < SOON_S
    assert slow.counts(placed) == {"sent": 3}
    slow.run()
    assert len(stored_texts()) == PLACES
    assert slow.driver.stored == {}


@pytest.mark.parametrize("moment", ["open", "look"])
def test_an_alert_that_comes_while_it_is_emptied(slow, now, moment):
    person(1, now)
    full, slow.driver.stored = slow.driver.stored, {}
    if moment != "open":
        slow.run()
        slow.clock.forward(FIVE_MINUTES)
    slow.driver.stored = full
    free = slow.driver.delete_stored
    placed = []

    def order_at_the_second(stored):
        free(stored)
        if stored.index == 2:
            beat("box", "modem", 1, slow.clock.now)
            placed.append(slow.clock.now)
            in_a_thread(connected()(order), slow.clock.now)  # the console's rights are not the modems'

    slow.driver.delete_stored = order_at_the_second
    slow.run()
    first = Attempt.select().first()
    assert (first.pdu_started_at - placed[0]).total_seconds() < SOON_S
    slow.run()
    assert len(stored_texts()) == PLACES


def test_it_is_ready_while_it_is_emptied(slow):
    states = []
    free = slow.driver.delete_stored
    slow.driver.delete_stored = lambda stored: (states.append(slow.worker.status.state), free(stored))
    slow.run()
    assert states == ["ready"] * PLACES


def test_a_long_alert_takes_one_out_between_two_parts_after_five_minutes(slow, now):
    slow.driver.stored, full = {}, slow.driver.stored
    slow.run()
    for number in range(200):
        person(number, now)
    placed = order(slow.clock.now)
    submit = slow.driver.submit

    def submit_slowly(part, on_pdu_start):
        slow.clock.forward(3)
        return submit(part, on_pdu_start)

    slow.driver.submit = submit_slowly
    slow.driver.stored = full
    slow.worker.close()
    while slow.driver.stored:
        slow.step()
    assert FIVE_MINUTES <= (slow.clock.now - now).total_seconds() < FIVE_MINUTES + 120
    assert slow.counts(placed)["queued"] > 50


def test_a_place_that_was_freed_meanwhile_may_hold_another_text(slow, now):
    person(1, now)
    slow.driver.stored, full = {}, slow.driver.stored
    slow.run()
    order(slow.clock.now)
    slow.driver.stored = full
    slow.worker.close()
    slow.step()
    slow.step()  # the alert is out; the rest waits
    last = max(full)
    assert last in slow.driver.stored
    slow.worker._storages._freed.add(last)
    slow.driver.stored[last] = text("STOP", now)
    slow.run()
    assert "STOP" not in stored_texts()
    slow.step(FIVE_MINUTES)
    slow.run()
    assert "STOP" in stored_texts()


def test_at_a_simulated_modem(life):
    one = life("sim800", submit_s=0.5)
    one.worker.close()
    one.world.modem.phone.fill(20, "SM")
    placed = order(one.world.utc)
    assert one.live(60, lambda: set(told(placed)) == {"delivered"})
