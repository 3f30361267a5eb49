"""A modem that no longer sees its card until it is restarted, in the middle of an alert (tests/support/virtual.py)."""

import pytest

from tests.modem.daemon.lives import told, wrong
from tests.support.people import order


@pytest.mark.parametrize("profile", ["default", "le910", "a7600"])
def test_it_is_restarted_and_all_is_sent(life, profile):
    one = life(profile, "sim:stuck@=3", submit_s=0.5)
    placed = order(one.world.utc)
    assert one.live(60, lambda: one.worker.status.state == "no_sim")
    assert one.live(90, lambda: set(told(placed)) == {"delivered"}), told(placed)
    assert wrong(one, placed) == set()


def test_a_card_that_is_out_is_asked_for_all_the_time(life):
    one = life("default")
    one.world.modem.phone.take_card_out()
    assert one.live(20, lambda: one.worker.status.state == "no_sim")
    restarts = []
    restart = one.driver.reset
    one.driver.reset = lambda: (restarts.append(one.world.now), restart())
    assert not one.live(15 * 60, lambda: one.worker.status.state != "no_sim")
    assert len(restarts) == 2
    one.world.modem.phone.put_card_in()
    assert one.live(61, lambda: one.is_ready)
