"""What hangs is started again, and the broadcast goes on: nothing lost, nothing doubled."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from contextlib import suppress

import pytest

from tests.e2e.box import Box, eventually, mobile
from tests.support.children import children
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PEOPLE, FEW = 150, 20


@pytest.fixture
def running(make_box) -> tuple[Box, subprocess.Popen[bytes]]:
    """Two simulated modems; a turn of the watchdog is 5 seconds (`hanging/sitecustomize.py`)."""
    box = make_box()
    box.config.write_text(box.config.read_text() + "[modem:a]\ndevice = sim\n[modem:b]\ndevice = sim\n")
    box.altered = "hanging"
    supervisor = box.start("run")
    eventually("ready", lambda: box.ready_modems() == 2)
    return box, supervisor


def submitted(box: Box) -> Counter[str]:
    """How often each number was handed over to the simulated networks."""
    found: Counter[str] = Counter()
    for log in (box.folder / "var").glob("**/*.jsonl"):
        records = [json.loads(line) for line in log.read_text().splitlines()]
        found.update(record["to"] for record in records if record.get("to"))
    return found


def another(supervisor: subprocess.Popen[bytes], name: str, than: int) -> None:
    eventually(f"another {name}", lambda: children(supervisor.pid).get(name, than) != than, within_s=40)


def test_a_worker_that_hangs_or_is_frozen_in_mid_broadcast(running):
    box, supervisor = running
    box.import_members(PEOPLE)
    broadcast = box.send("Restez à l'intérieur")
    eventually("some are out", lambda: box.counts(broadcast).get("delivered", 0) >= 5)
    first = children(supervisor.pid)["modem"]
    (box.folder / "hang-worker").touch()
    another(supervisor, "modem", first)
    # More than the other worker sent meanwhile: a process that is not ready yet may take long.
    so_far = box.counts(broadcast).get("delivered", 0)
    eventually("it goes on", lambda: box.counts(broadcast).get("delivered", 0) >= so_far + 5)
    second = children(supervisor.pid)["modem"]
    os.kill(second, signal.SIGSTOP)
    another(supervisor, "modem", second)
    # A report that came while nobody listened is lost with the port: such a message stays "sent".
    eventually("all out", lambda: set(box.counts(broadcast)) <= {"delivered", "sent", "unconfirmed"}, within_s=90)
    assert box.counts(broadcast).get("unconfirmed", 0) <= 2  # what the two modems had in hand when it was frozen
    assert max(submitted(box).values()) == 1
    assert set(submitted(box)) >= {mobile(number) for number in range(PEOPLE)} - box.people(broadcast, "unconfirmed")


@pytest.mark.parametrize(("process", "what"), [left_to_soak("jobs", "jobs"), ("jobs", "errand"), ("console", "page")])
def test_a_job_or_a_page_that_hangs(running, process, what):
    box, supervisor = running
    box.import_members(FEW)
    eventually("it answers", lambda: _answers(box))  # modems may be ready before the console listens
    first = children(supervisor.pid)
    sign = box.folder / f"hang-{what}"
    sign.touch()
    if process == "console":
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{box.port}/login", timeout=5)
        assert not sign.exists(), "no page was asked for"
    another(supervisor, process, first[process])
    broadcast = box.send("Toujours là")
    eventually("all out", lambda: box.counts(broadcast) == {"delivered": FEW})
    assert children(supervisor.pid)["modem"] == first["modem"]
    if process == "console":
        eventually("it answers", lambda: _answers(box))


def _answers(box: Box) -> bool:
    with suppress(OSError):
        return urllib.request.urlopen(f"http://127.0.0.1:{box.port}/login", timeout=5).status == 200
    return False


def test_nothing_is_started_again_on_a_quiet_box(running):
    """For four turns of the watchdog nothing happens, and every loop and errand says all the same that it turns."""
    _box, supervisor = running
    before = children(supervisor.pid)
    time.sleep(20)
    assert children(supervisor.pid) == before
