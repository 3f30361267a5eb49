"""A submit that takes long: the daemon may be stopped meanwhile, and no watchdog takes it for a hung worker."""

import time
from collections.abc import Callable

import pytest

from tests.e2e.box import Box, eventually, mobile
from tests.support.children import children
from tests.support.sampling import LEFT_TO_SOAK, left_to_soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# A driver waits 180 s for the result (`submit_timeout_s`).
LONGEST_S = 170


def handed_over(box: Box) -> list[str]:
    return [record["to"] for record in box.log("a", tpdus=True)]


@pytest.mark.parametrize(("submit_s", "ends_as"), [left_to_soak(4, "sent"), (20, "unconfirmed")])
def test_stopped_in_mid_submit(make_box: Callable[..., Box], submit_s: int, ends_as: str) -> None:
    """Within the patience the result is waited for; after it the part is said to be unclear, and never sent again."""
    box = make_box("a")
    box.start_simulator("a", "--submit-ms", str(1000 * submit_s), "--link-ms", "0")
    box.import_members(1)
    daemon = box.start("modem")
    eventually("ready", lambda: box.ready_modems() == 1)
    broadcast = box.send("Restez chez vous")
    eventually("it is under way", lambda: box.counts(broadcast) == {"sending": 1})
    time.sleep(1)
    daemon.terminate()
    assert daemon.wait(30) == 0
    box.start("modem")
    eventually("it is known", lambda: "sending" not in box.counts(broadcast))
    assert set(box.counts(broadcast)) <= {ends_as, "delivered"}
    time.sleep(1)
    assert handed_over(box) in ([mobile(0)], []), "never twice"


def slow_submit_is_left_alone(box: Box, submit_s: int) -> None:
    """The daemon that began it ends it."""
    box.start_simulator("a", "--submit-ms", str(1000 * submit_s), "--link-ms", "0", "--report-ms", "200")
    box.import_members(1)
    supervisor = box.start("run")
    eventually("ready", lambda: box.ready_modems() == 1)
    first = children(supervisor.pid)
    broadcast = box.send("Restez chez vous")
    eventually("it is taken", lambda: box.counts(broadcast) == {"delivered": 1}, within_s=submit_s + 30)
    assert children(supervisor.pid) == first
    assert handed_over(box) == [mobile(0)]


def test_a_submit_of_five_turns_of_the_watchdog(make_box):
    """A turn is 5 seconds here (`hanging/sitecustomize.py`), and 40 in the product."""
    box = make_box("a")
    box.altered = "hanging"
    slow_submit_is_left_alone(box, 25)


@LEFT_TO_SOAK
def test_the_longest_submit_that_is_waited_for(make_box):
    slow_submit_is_left_alone(make_box("a"), LONGEST_S)
