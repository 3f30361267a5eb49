"""What a box lives through besides kills: a full disk, a lock that somebody keeps, a disk that takes no writes.

Each time nothing is lost or doubled, people read what is wrong, and the sending goes on by itself once it can.
"""

import gc
import json
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.engine.clock import utc_now
from db.engine.connection import bind
from db.operations.lineage import recent_damage
from db.operations.machine import recent_jump
from tests.e2e.box import Box, eventually, mobile
from tests.e2e.shifted import clock_of, set_clock
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PEOPLE = 40
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
LOCKED_S = 20
_HOLD_THE_LOCK = """
import sqlite3, sys, time
held = sqlite3.connect("var/plp.db", isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[1]))
sys.stdin.read()  # until it has been seen, on a machine that is slow
held.execute("ROLLBACK")
"""

MakeBox = Callable[..., Box]


def begun(box: Box, program: str = "plp") -> tuple[subprocess.Popen[bytes], int]:
    """An alert of which some went out and most did not."""
    box.start_simulator("a", "--submit-ms", "100")
    box.import_members(PEOPLE)
    daemon = box._start("-m", program, "modem")
    eventually("ready", box.ready_modems)
    broadcast = box.send(TEXT)
    eventually("the first went out", lambda: len(box.log("a")) >= 5)
    return daemon, broadcast


def stderr_of(box: Box) -> str:
    """What its processes logged."""
    return (box.folder / "stderr.log").read_text()


def ready_page(box: Box) -> dict[str, Any]:
    """What the console says of readiness, in the same words as on its pages."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{box.port}/readyz", timeout=20) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as refused:
        found = json.load(refused)
    except OSError:
        return {}
    return found


def says(box: Box, words: str) -> Callable[[], bool]:
    return lambda: words in (told := ready_page(box)).get("sentence", "") and told["ready"] is False


def checked(box: Box) -> str:
    """`plp check`, which finds something wrong."""
    command = [sys.executable, "-m", "plp", "check"]
    done = subprocess.run(command, cwd=box.folder, env=box._environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout
    return done.stdout


def ends_well(box: Box, broadcast: int, unconfirmed_at_most: int = 0) -> None:
    """Everybody is accounted for: taken once, or named as unconfirmed."""
    counts = eventually(
        "an end",
        lambda: (found := box.counts(broadcast)) and not {"queued", "sending"} & set(found) and found,
    )
    taken = Counter(record["to"] for record in box.log("a", tpdus=True))
    unconfirmed = box.people(broadcast, "unconfirmed")
    assert [number for number, times in taken.items() if times > 1] == []
    assert {mobile(n) for n in range(PEOPLE)} - set(taken) - unconfirmed == set()
    assert set(counts) <= {"delivered", "sent", "unconfirmed"}
    assert len(unconfirmed) <= unconfirmed_at_most


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for the database, of 6 MB."""
    disk = tmp_path / "var"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "plp-test", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Until nothing more fits."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return ballast


def test_a_full_disk(small_disk: Path, make_box: MakeBox) -> None:
    box: Box = make_box("a")
    box.start("console")
    eventually("the console answers", lambda: ready_page(box))
    daemon, broadcast = begun(box)
    ballast = fill(small_disk)
    eventually("people read it", says(box, "le disque du serveur est plein"))
    assert "NON   base de données : impossible d'écrire dans la base de données, le disque" in checked(box)
    refused = box.plp("broadcast", "send", "--all", "--text", f"{TEXT} bis", "--yes", status=1)
    assert "le disque du serveur est plein" in refused
    assert "Traceback" not in refused
    eventually("it waits", lambda: "the database is away" in stderr_of(box))
    assert box.counts(broadcast).get("queued"), "the alert ended before the disk was full"
    ballast.unlink()
    ends_well(box, broadcast)
    assert daemon.poll() is None, "the daemon did not live through it"
    assert stderr_of(box).count("the database is away") < 10, "the log fills the disk"
    assert ready_page(box)["ready"]


def test_a_lock_that_somebody_keeps_for_twenty_seconds(make_box: MakeBox) -> None:
    box: Box = make_box("a")
    box.start("console")
    eventually("the console answers", lambda: ready_page(box))
    daemon, broadcast = begun(box)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_THE_LOCK, str(LOCKED_S)],
        cwd=box.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        assert "un autre programme l'a verrouillée" in checked(box)
        eventually("people read it", says(box, "un autre programme l'a verrouillée"))
        other.stdin.close()
        assert other.wait() == 0
    ends_well(box, broadcast)
    assert daemon.poll() is None
    eventually("ready again", lambda: ready_page(box).get("ready"))


def test_a_disk_that_refuses_writes_in_the_middle(make_box: MakeBox) -> None:
    """As a card that dies: every write of the daemon fails, every read still works."""
    box: Box = make_box("a")
    daemon, broadcast = begun(box)
    unlimited = resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    before = eventually("it stands still", lambda: standing_still(box))
    assert box.counts(broadcast).get("queued")
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, unlimited)
    ends_well(box, broadcast)
    assert daemon.poll() is None
    assert before < PEOPLE


def standing_still(box: Box) -> int:
    """How many the network has, when nothing more comes for a second."""
    before = len(box.log("a"))
    time.sleep(1.0)
    return before if len(box.log("a")) == before else 0


@pytest.mark.parametrize("end", [signal.SIGKILL, left_to_soak(signal.SIGTERM)])
def test_a_disk_that_is_read_only_at_start(small_disk: Path, make_box: MakeBox, end: signal.Signals) -> None:
    """After a kill SQLite finds its -wal, after a clean end it would have to make one."""
    box: Box = make_box("a")
    daemon, broadcast = begun(box)
    daemon.send_signal(end)
    daemon.wait()
    bind("sqlite:///elsewhere/plp.db", box.folder)  # a disk that somebody writes to cannot become read-only
    gc.collect()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    told = checked(box)
    assert "lecture seule" in told
    refused = box.plp("broadcast", "send", "--all", "--text", f"{TEXT} bis", "--yes", status=1)
    assert "lecture seule" in refused
    assert "Traceback" not in refused
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    box.start("modem")
    ends_well(box, broadcast, unconfirmed_at_most=1)


@pytest.mark.parametrize("jump", ["forward", left_to_soak("back")])
def test_the_clock_is_set_by_a_day_in_the_middle(make_box: MakeBox, monkeypatch: pytest.MonkeyPatch, jump: str) -> None:
    box: Box = make_box("a")
    monkeypatch.setattr("db.engine.clock.datetime", clock_of(box.folder))
    box._start("-m", "tests.e2e.shifted", "console")
    eventually("the console answers", lambda: ready_page(box))
    daemon, broadcast = begun(box, "tests.e2e.shifted")
    set_clock(box.folder, 86400 if jump == "forward" else -86400)
    ends_well(box, broadcast)

    def noted() -> timedelta | None:
        with box.reading():
            return recent_jump(utc_now())

    assert eventually("the jump is noted", noted) == timedelta(days=1 if jump == "forward" else -1)
    assert daemon.poll() is None
    eventually("ready", lambda: ready_page(box).get("ready"))
    # A report that crosses the jump may carry a time from the other side: its part then stays "sent", never better.
    eventually("the reports found their parts", lambda: box.counts(broadcast).get("delivered", 0) >= PEOPLE - 2)
    assert set(box.counts(broadcast)) <= {"delivered", "sent"}


def test_a_wal_that_is_damaged_after_a_kill(make_box: MakeBox) -> None:
    """Nobody knows any more who was sent to last: nothing goes on by itself, so nobody is sent to twice."""
    box: Box = make_box("a")
    daemon, broadcast = begun(box)
    eventually("some more went out", lambda: len(box.log("a")) >= 15)
    daemon.kill()
    daemon.wait()
    wal = box.folder / "var" / "plp.db-wal"
    with wal.open("r+b") as file:
        file.seek(wal.stat().st_size // 2)
        file.write(b"\xff" * 64)
    taken = eventually("what was under way is taken", lambda: standing_still(box))
    assert "endommagée à l'ouverture" in checked(box)
    box.start("modem")
    # This process must not be the first to open the database: it would not look.
    eventually("the daemon says so", lambda: "what was sent last is not known" in stderr_of(box))
    assert box.json("broadcast", "show", str(broadcast))["state"] == "held"
    eventually("ready", box.ready_modems)
    with box.reading():
        assert recent_damage(utc_now())
    assert standing_still(box) == taken
    box.plp("broadcast", "release", str(broadcast))
    eventually("the person's word goes", lambda: not {"queued", "sending"} & box.counts(broadcast).keys())
