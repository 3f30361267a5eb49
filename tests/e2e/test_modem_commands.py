"""The doctor, the self-test and the transcript beside a running daemon, which they never disturb."""

import json
import re

import pytest

from db.alerts.progress.history import newest
from db.engine.clock import utc_now
from plp.cli.modem import INBOUND, RECEIPT, REPORT
from tests.e2e.box import Box, eventually
from tests.support.inbound import unhandled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

OWN = "+32470000777"


@pytest.fixture
def box(make_box):
    """Two modems, of which `a` knows its number."""
    box: Box = make_box("a", "b", sending=f"undo_seconds = 0\nduty_phone = {OWN}")
    text = box.config.read_text()
    box.config.write_text(text.replace("device = a.tty\n", f"device = a.tty\nnumber = {OWN}\n"))
    box.start_simulator("a", "--number", OWN, "--profile", "ec25", "--submit-ms", "50")
    box.start_simulator("b", "--profile", "e173")
    box.start("modem")
    eventually("both modems ready", lambda: box.ready_modems() == 2)
    return box


def test_a_modem_that_works(box):
    first, *stages, verdict = box.plp("modem", "selftest", "a").splitlines()
    assert first == "Le modem a envoie un SMS de test à lui-même ; 60 s au plus."
    assert {re.sub(r"^ *\d+\.\d s  ", "", stage) for stage in stages} == set(map(str, (RECEIPT, REPORT, INBOUND)))
    assert verdict == "Le modem a envoie et reçoit."
    (taken,) = box.log("a")
    assert taken["to"] == OWN
    assert box.log("b") == []
    assert box.json("broadcast", "show", "1")["simulated"] is True
    with box.reading():
        assert newest(50, utc_now()) == []
        assert unhandled() == []


def test_the_doctor_and_a_recording_leave_the_daemon_alone(box):
    told = json.loads(box.plp("modem", "doctor", "--json"))
    assert (told["healthy"], told["modems"], told["simulated"]) == (True, ["a", "b"], True)
    assert ("b", "Ce modem n'est pas compatible 4G (3G)") in [(f["modem"], f["title"]) for f in told["findings"]]

    box.import_members(3)
    broadcast = box.send("Vol avec violence rue de la Station.")
    eventually("delivered", lambda: box.counts(broadcast) == {"delivered": 3})
    file = box.folder / "a.txt"
    box.plp("modem", "record", "a", str(file))
    text = file.read_text()
    assert text.count("> AT+CMGS=") == len(box.log("a"))
    assert "> ATE0" in text
    assert "2374100" not in text
    assert "Station" not in text
    assert box.modem_states() == {"a": "ready", "b": "ready"}

    box.start_simulator("played", "--script", str(file))
    told = json.loads(box.plp("modem", "doctor", str(box.folder / "played.tty"), "--json"))
    assert (told["healthy"], told["modems"]) == (True, ["played.tty"])
