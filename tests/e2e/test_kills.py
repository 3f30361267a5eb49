"""kill -9 of the daemon in mid-broadcast: nothing lost, nothing doubled, what is unclear is named."""

import random
import time
from collections import Counter

import pytest

from tests.e2e.box import Box, eventually, mobile

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 300
KILLS = 10
MODEMS = ("a", "b")
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def test_ten_kills_in_three_hundred_messages(make_box):
    chance = random.Random(5278)
    box: Box = make_box(*MODEMS)
    for name in MODEMS:
        box.start_simulator(name, "--submit-ms", "60")
    box.import_members(PEOPLE)
    daemon = box.start("modem")
    eventually("both modems ready", lambda: box.ready_modems() == 2)
    broadcast = box.send(TEXT)
    for _ in range(KILLS):
        before = len(box.log(*MODEMS))
        eventually("the broadcast goes on", lambda before=before: len(box.log(*MODEMS)) > before + 4)
        time.sleep(chance.uniform(0, 0.2))
        assert len(box.log(*MODEMS)) < PEOPLE, "the broadcast ended before the kills did"
        daemon.kill()
        daemon.wait()
        daemon = box.start("modem")
    counts = eventually(
        "an end",
        lambda: (found := box.counts(broadcast)) and not {"queued", "sending"} & set(found) and found,
    )

    taken = Counter(record["to"] for record in box.log(*MODEMS, tpdus=True))
    doubled = [number for number, times in taken.items() if times > 1]
    assert doubled == []
    people = {mobile(n) for n in range(PEOPLE)}
    assert set(taken) <= people
    unconfirmed = box.people(broadcast, "unconfirmed")
    lost = people - set(taken) - unconfirmed
    assert lost == set()
    assert len(unconfirmed) == counts.get("unconfirmed", 0) <= KILLS * len(MODEMS)
    # Reports that came while nobody listened are lost; what the network took is at least known as sent.
    assert set(counts) <= {"delivered", "sent", "unconfirmed"}
    print(f"kills {KILLS}, lost {len(lost)}, doubled {len(doubled)}, unconfirmed {len(unconfirmed)}, counts {counts}")
