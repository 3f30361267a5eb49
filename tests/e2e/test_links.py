"""A port that comes and goes."""

import time

import pytest

from tests.e2e.box import PATIENCE_S, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_a_link_that_returns_is_used_again_within_two_seconds(make_box):
    box = make_box("a")
    simulator = box.start_simulator("a")
    box.start("modem")
    box.import_members(1)
    eventually("ready", box.ready_modems)

    simulator.terminate()
    simulator.wait(PATIENCE_S)
    eventually("absent", lambda: box.modem_states() == {"a": "absent"})

    box.start_simulator("a")
    returned_at = time.monotonic()
    eventually("ready again", box.ready_modems)
    took_s = time.monotonic() - returned_at
    print(f"in use again {took_s:.2f} s after the link returned")
    assert took_s <= 2.0
    broadcast = box.send("De retour")
    eventually("delivered", lambda: box.counts(broadcast) == {"delivered": 1})
