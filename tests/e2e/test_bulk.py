"""An import of thousands runs beside an alert, in real processes, and neither is felt by the other."""

import json
import subprocess
import sys
import time
import urllib.request
from datetime import datetime
from itertools import pairwise

import pytest

from tests.e2e.box import eventually, mobile

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 1200
# Between two orders of a program: one that asks without a pause measures the machine and not the box.
PAUSE_S = 0.1
ALERTED = 300
HEADER = "first_name,last_name,mobile,email,language,neighbourhood,role\n"


def roster(folder, name, tag):
    rows = [f"P{n},N{n}{tag},{mobile(n)},,fr,{'Petit' if n < ALERTED else 'Grand'},member\n" for n in range(PEOPLE)]
    file = folder / name
    file.write_text(HEADER + "".join(rows))
    return str(file)


def ordered(box, token, **body):
    """How long the API took for an urgent order, and its answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{box.port}/api/v1/broadcasts",
        json.dumps({"priority": "urgent", **body}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=30) as answer:
        return time.monotonic() - began, json.load(answer)


def longest_gap_s(box, since, until):
    sent = [datetime.fromisoformat(record["at"]).timestamp() for record in box.log("a")]
    return max(after - before for before, after in pairwise([since, *(at for at in sent if since < at < until), until]))


def test_an_alert_and_an_import_at_once(make_box):
    box = make_box("a")
    assert box.json("member", "import", roster(box.folder, "all.csv", ""))["added"] == PEOPLE
    box.start_simulator("a", "--submit-ms", "250")
    box.start("run")
    eventually("ready", lambda: box.ready_modems() == 1 and box.listens())
    token = box.json("token", "add", "essai", "--role", "officer")["token"]
    _took, alert = ordered(box, token, text="Vol rue Haute. 21h40", audience={"neighbourhoods": ["Petit"]})
    eventually("it goes out", lambda: len(box.log("a")) > 3)
    began = time.time()
    time.sleep(3)  # the gaps without an import
    without_s = longest_gap_s(box, began, time.time())

    began, waits = time.time(), []
    command = [sys.executable, "-m", "plp", "member", "import", roster(box.folder, "new.csv", "b"), "--json"]
    with subprocess.Popen(command, cwd=box.folder, env=box._environment(), stdout=subprocess.PIPE) as importing:
        while importing.poll() is None:
            text, to = f"Vol rue Basse {len(waits)}. 21h40", [mobile(ALERTED + len(waits))]
            waits.append(ordered(box, token, text=text, audience={"to": to})[0])
            time.sleep(PAUSE_S)
        ended = time.time()
        assert json.loads(importing.stdout.read())["updated"] == PEOPLE
    assert box.counts(alert["id"]).get("queued"), "the alert ended before the import: nothing was measured"
    assert len(waits) > 3
    assert max(waits) < 1
    assert longest_gap_s(box, began, ended) < without_s + 0.5
