"""A copy of the database is put back in mid-alert: nobody gets the text twice unless a person says so."""

import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.box import PATIENCE_S, Box, eventually
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE, SUBMIT_MS = 36, 250
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def begun(box: Box) -> tuple[subprocess.Popen[bytes], int]:
    box.start_simulator("a", "--submit-ms", str(SUBMIT_MS))
    box.import_members(PEOPLE)
    daemon = box.start("modem")
    eventually("ready", box.ready_modems)
    return daemon, box.send(TEXT)


def backup(box: Box) -> Path:
    """As `sqlite3 plp.db .backup` makes it, while the daemon writes."""
    copy = box.folder / "copy.db"
    with closing(sqlite3.connect(box.folder / "var/plp.db")) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def put_back(box: Box, copy: Path) -> None:
    for file in (box.folder / "var").glob("plp.db*"):
        file.unlink()
    shutil.copy(copy, box.folder / "var/plp.db")


def stopped(daemon: subprocess.Popen[bytes], how: signal.Signals) -> None:
    daemon.send_signal(how)
    daemon.wait(PATIENCE_S)


def times_taken(box: Box) -> Counter[str]:
    return Counter(record["to"] for record in box.log("a", tpdus=True))


def stderr_of(box: Box) -> str:
    return (box.folder / "stderr.log").read_text(errors="replace")


def held(box: Box, broadcast: int) -> bool:
    return box.state(broadcast) == "held"


@pytest.mark.parametrize("how", [left_to_soak(signal.SIGTERM), signal.SIGKILL])
def test_a_restored_copy_sends_to_nobody_twice(make_box, how):
    box = make_box("a")
    daemon, broadcast = begun(box)
    eventually("a third went out", lambda: len(box.log("a")) >= PEOPLE // 3)
    copy = backup(box)
    if how == signal.SIGTERM:
        eventually("the end", lambda: len(box.log("a")) == PEOPLE)
    else:
        eventually("two thirds went out", lambda: len(box.log("a")) >= 2 * PEOPLE // 3)
    stopped(daemon, how)
    put_back(box, copy)
    box.start("modem")
    eventually("it is held", lambda: held(box, broadcast))
    eventually("ready", box.ready_modems)
    time.sleep(4 * SUBMIT_MS / 1000)  # what the modem had in hand at the kill goes out all the same
    taken = times_taken(box)

    shown = box.json("broadcast", "show", str(broadcast))
    assert shown["hold"]["reason"] == "restored"
    assert shown["hold"]["may_have"] + shown["hold"]["nothing"] == shown["counts"]["queued"]
    assert "plp broadcast release" in box.plp("broadcast", "show", str(broadcast))
    assert times_taken(box) == taken

    if shown["hold"]["nothing"]:
        assert how == signal.SIGKILL
        box.plp("broadcast", "release", str(broadcast), "--rest")
        eventually("the rest", lambda: not {"queued", "sending"} & box.counts(broadcast).keys())
        after = times_taken(box)
        # Only whom the modem held, or was about to, is left to a person.
        assert len(after) >= PEOPLE - 10
    else:
        assert "peut-être déjà" in box.plp("broadcast", "release", str(broadcast), "--rest", status=1)
        box.plp("broadcast", "cancel", str(broadcast))
        after = times_taken(box)
        assert len(after) == PEOPLE
    assert set(after.values()) == {1}
    # Whoever has it stands nowhere as somebody who did not get it.
    assert set(box.counts(broadcast)) <= {"delivered", "sent", "unconfirmed"}


def test_a_copy_on_a_new_disk_waits_too(make_box):
    box = make_box("a")
    daemon, broadcast = begun(box)
    eventually("some went out", lambda: len(box.log("a")) >= 10)
    copy = backup(box)
    stopped(daemon, signal.SIGTERM)
    key = (box.folder / "var/journal.key").read_bytes()
    shutil.rmtree(box.folder / "var")
    (box.folder / "var").mkdir()
    (box.folder / "var/journal.key").write_bytes(key)  # a copy that is not brought with its key refuses to start
    put_back(box, copy)
    taken = times_taken(box)
    box.start("modem")
    eventually("it is held", lambda: held(box, broadcast))
    eventually("ready", box.ready_modems)
    hold = box.json("broadcast", "show", str(broadcast))["hold"]
    assert (hold["reason"], hold["nothing"]) == ("unknown", 0)
    assert times_taken(box) == taken
    box.plp("broadcast", "release", str(broadcast))
    eventually("the person's word goes", lambda: not {"queued", "sending"} & box.counts(broadcast).keys())
    assert "Traceback" not in stderr_of(box)
