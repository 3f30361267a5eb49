"""An import of thousands runs beside an alert, in real processes, and neither is felt by the other."""

import json
import subprocess
import sys
import time
import urllib.request

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
    """The API's answer to an urgent order."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{box.port}/api/v1/broadcasts",
        json.dumps({"priority": "urgent", **body}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_orders_are_taken_and_an_alert_goes_on_during_an_import(make_box):
    """How soon is measured by `python -m tools.bench`."""
    box = make_box("a")
    assert box.json("member", "import", roster(box.folder, "all.csv", ""))["added"] == PEOPLE
    box.start_simulator("a", "--submit-ms", "250")
    box.start("run")
    eventually("ready", lambda: box.ready_modems() == 1 and box.listens())
    token = box.json("token", "add", "essai", "--role", "officer")["token"]
    alert = ordered(box, token, text="Vol rue Haute. 21h40", audience={"neighbourhoods": ["Petit"]})
    eventually("it goes out", lambda: len(box.log("a")) > 3)

    # After each order that was answered during the import, how many SMS the network had.
    had = []
    command = [sys.executable, "-m", "plp", "member", "import", roster(box.folder, "new.csv", "b"), "--json"]
    with subprocess.Popen(command, cwd=box.folder, env=box._environment(), stdout=subprocess.PIPE) as importing:
        while importing.poll() is None:
            ordered(box, token, text=f"Vol rue Basse {len(had)}. 21h40", audience={"to": [mobile(ALERTED + len(had))]})
            had.append(len(box.log("a")))
            time.sleep(PAUSE_S)
        assert json.loads(importing.stdout.read())["updated"] == PEOPLE
    assert box.counts(alert["id"]).get("queued"), "the alert ended before the import: nothing was seen"
    during = had[:-1]  # the last one may have waited for its end
    assert len(during) > 1
    assert during[-1] > during[0]
