"""A fire for 71 people while a flood for 287 goes out through one modem: the fire's first SMS is the next but one."""

import json
import time

import pytest

from tests.e2e.box import eventually, mobile

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE, NEAR = 287, 71
SUBMIT_S = 0.08


def test_a_small_alert_does_not_wait_for_a_large_one(make_box):
    box = make_box("a")
    box.start_simulator("a", "--submit-ms", str(round(SUBMIT_S * 1000)))
    box.start("modem")
    rows = [f"P{n},N{n},{mobile(n)},,fr,{'Rotheux' if n < NEAR else 'Neuville'},member" for n in range(PEOPLE)]
    (box.folder / "list.csv").write_text(
        "first_name,last_name,mobile,email,language,neighbourhood,role\n" + "\n".join(rows) + "\n"
    )
    box.plp("member", "import", "list.csv")
    eventually("ready", lambda: box.ready_modems() == 1)

    flood = box.send("Inondation: Neuville. Montez.")
    eventually("a third of the flood", lambda: len(box.log()) > PEOPLE / 3)
    order = ("broadcast", "send", "--neighbourhood", "Rotheux", "--text", "Incendie: rue Haute. Fermez.")
    assert "SMS d'autres envois" in box.plp(*order, status=2)
    before, ordered_at = len(box.log()), time.monotonic()
    fire = json.loads(box.plp(*order, "--yes", "--json"))["id"]
    eventually("the first SMS of the fire", lambda: texts(box, "Incendie"), every_s=0.02)
    first_s = time.monotonic() - ordered_at
    eventually("all of the fire", lambda: box.counts(fire).get("delivered") == NEAR)
    fire_s = time.monotonic() - ordered_at
    eventually("all of the flood", lambda: box.counts(flood).get("delivered") == PEOPLE)

    out = ["Incendie" in record["text"] for record in box.log()]
    begun, ended = out.index(True), len(out) - out[::-1].index(True)
    print(f"first of the fire after {first_s:.2f} s, all after {fire_s:.1f} s; SMS {begun - before} after the order")
    assert out[begun : begun + 2 * NEAR - 10].count(True) == NEAR - 5
    assert ended - begun < 2 * NEAR + 5


def texts(box, word):
    return [record for record in box.log() if word in record["text"]]
