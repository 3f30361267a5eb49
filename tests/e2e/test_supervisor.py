"""`plp run`: what ends by itself is started again, and nothing outlives it."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.box import Box, eventually
from tests.support.children import children

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def running(make_box) -> tuple[Box, subprocess.Popen[bytes]]:
    box = make_box()
    box.warm = False
    box.config.write_text(box.config.read_text() + "[modem:a]\ndevice = sim\n")
    supervisor = box.start("run")
    eventually("ready", box.ready_modems)
    eventually("four processes", lambda: len(children(supervisor.pid)) == 4)
    return box, supervisor


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_each_process_is_started_again_and_a_stop_ends_all(running):
    box, supervisor = running
    before = children(supervisor.pid)
    assert set(before) == {"console", "modem", "jobs", "sim"}
    for name in before:
        os.kill(before[name], signal.SIGKILL)
    eventually(
        "all four anew",
        lambda: (
            (now := children(supervisor.pid))
            and set(now) == set(before)
            and not set(now.values()) & set(before.values())
        ),
    )
    eventually("ready again", box.ready_modems)
    box.import_members(3)
    broadcast = box.send("Toujours là")
    eventually("delivered", lambda: box.counts(broadcast) == {"delivered": 3})
    assert box.json("broadcast", "show", str(broadcast))["simulated"]

    after = list(children(supervisor.pid).values())
    supervisor.terminate()
    assert supervisor.wait(15) == 0
    assert gone(after)


def test_a_killed_supervisor_leaves_nothing_behind(running):
    _box, supervisor = running
    pids = list(children(supervisor.pid).values())
    supervisor.kill()
    supervisor.wait()
    eventually("the children ended too", lambda: gone(pids), within_s=15)
