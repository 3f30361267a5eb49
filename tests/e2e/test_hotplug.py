"""Unplugged in mid-broadcast and plugged in again, each time on another path: the same modem goes on."""

import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine.clock import utc_now
from db.modems.status import modem_cards
from rules.numbers import half_masked
from tests.e2e.box import PATIENCE_S, Box, eventually, mobile
from tests.e2e.sticks import Bus, Stick, configured

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 300
UNPLUGS = 10
ABSENT_WITHIN_S = 2.0
SENDING_WITHIN_S = 10.0
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def test_ten_unplugs_in_three_hundred_messages_each_time_on_another_path(make_box):
    chance = random.Random(3)
    box: Box = make_box("a", "b")
    sticks = {name: Stick(box, name, "--submit-ms", "60") for name in ("a", "b")}
    configured(box, "".join(f"[modem:{name}]\ndevice = ports/tty-*\nimei = {sticks[name].imei}\n" for name in sticks))
    box.import_members(PEOPLE)
    box.start("modem")
    eventually("both modems ready", lambda: box.ready_modems() == 2)
    broadcast = box.send(TEXT)
    absent_s, sending_s = [], []
    for turn in range(UNPLUGS):
        name = chance.choice(["a", "b"])
        before = len(box.log(name))
        eventually("the broadcast goes on", lambda before=before, name=name: len(box.log(name)) > before + 2)
        time.sleep(chance.uniform(0, 0.1))
        unplugged_at = sticks[name].unplug()
        eventually("absent", lambda name=name: box.modem_states()[name] == "absent", within_s=ABSENT_WITHIN_S + 3)
        absent_s.append(time.monotonic() - unplugged_at)
        taken = len(box.log(name))
        assert len(box.log("a", "b")) < PEOPLE, f"the broadcast ended before unplug {turn + 1}"
        replugged_at = sticks[name].replug_elsewhere()
        eventually("sending again", lambda taken=taken, name=name: len(box.log(name)) > taken, within_s=30)
        sending_s.append(time.monotonic() - replugged_at)
    counts = eventually(
        "an end", lambda: (found := box.counts(broadcast)) and not {"queued", "sending"} & set(found) and found
    )

    times = Counter(record["to"] for record in box.log("a", "b", tpdus=True))
    people = {mobile(n) for n in range(PEOPLE)}
    unconfirmed = box.people(broadcast, "unconfirmed")
    assert [number for number, often in times.items() if often > 1] == []
    assert people - set(times) - unconfirmed == set()
    assert len(unconfirmed) <= UNPLUGS
    assert set(counts) <= {"delivered", "sent", "unconfirmed"}
    print(
        f"unplugs {UNPLUGS}, lost 0, doubled 0, unconfirmed {len(unconfirmed)}, "
        f"absent after {max(absent_s):.2f} s at most, sending again after {max(sending_s):.2f} s at most"
    )
    assert max(absent_s) <= ABSENT_WITHIN_S
    assert max(sending_s) <= SENDING_WITHIN_S


@pytest.fixture
def outside_dev() -> Iterator[Path]:
    """A folder that is not below /dev, where umockdev looks up everything on its own bus."""
    with tempfile.TemporaryDirectory(prefix="plp-", dir="/var/tmp") as folder:
        yield Path(folder)


@pytest.mark.client
def test_with_no_section_a_known_modem_that_is_plugged_in_is_used(make_box, monkeypatch, outside_dev):
    if shutil.which("umockdev-wrapper") is None:
        if os.environ.get("CI"):
            pytest.fail("umockdev-wrapper not found: apt-get install umockdev")
        pytest.skip("automatic discovery is NOT tried end to end: apt-get install umockdev")
    box: Box = make_box(folder=outside_dev)
    box.import_members(2)
    stick = Stick(box, "a")
    name = f"m{stick.imei[-4:]}"
    with Bus() as bus:
        with monkeypatch.context() as within:
            for variable, value in bus.environment.items():
                within.setenv(variable, value)
            daemon = box.start("modem")
        time.sleep(1)
        assert box.modem_states() == {}

        bus.plug("1-2", "ttyUSB2", stick, 7)
        plugged_at = time.monotonic()
        eventually("found", lambda: box.modem_states() == {name: "ready"})
        print(f"found and ready {time.monotonic() - plugged_at:.2f} s after it was plugged in")
        first = box.send("Premier essai")
        eventually("delivered", lambda: box.counts(first) == {"delivered": 2})

        bus.unplug("1-2")
        stick.unplug()
        eventually("absent", lambda: box.modem_states() == {name: "absent"}, within_s=ABSENT_WITHIN_S)
        stick.replug_elsewhere()
        bus.plug("1-4.1", "ttyUSB6", stick, 8)
        eventually("the same modem", lambda: box.modem_states() == {name: "ready"}, within_s=SENDING_WITHIN_S)
        second = box.send("Second essai")
        eventually("delivered", lambda: box.counts(second) == {"delivered": 2})
        daemon.terminate()
        assert daemon.wait(PATIENCE_S) == 0


def test_sections_that_cannot_have_their_modem_are_told_in_words(make_box):
    box: Box = make_box()
    a, c = Stick(box, "a"), Stick(box, "c")
    configured(
        box,
        f"[modem:a]\ndevice = {a.path}\n[modem:b]\ndevice = link\n[modem:c]\ndevice = {c.path}\nimei = {a.imei}\n"
        f"[modem:d]\ndevice = ports/nothing-*\n[modem:e]\ndevice = auto\nimei = {c.imei}\n",
    )
    box.start("modem")
    eventually("a is ready", lambda: box.modem_states().get("a") == "ready")
    (box.folder / "link").symlink_to(a.path)  # not before: whichever asks first has the port

    def sentences() -> dict[str, str]:
        with box.reading():
            return {card.name: f"{card.state} {card.sentence}" for card in modem_cards(utc_now())}

    eventually("b and c are told", lambda: {"faulty"} == {box.modem_states()[name] for name in "bc"})
    told = sentences()
    assert "déjà celui du modem « a »" in told["b"]
    assert f"a l'IMEI {half_masked(c.imei)} et non {half_masked(a.imei)}" in told["c"]
    assert told["d"].startswith("absent Modem introuvable")
    assert told["e"] == f"absent Le modem d'IMEI {half_masked(c.imei)} n'est pas branché : branchez-le."
    time.sleep(1)
    assert sentences() == told
    assert a.order("stats")["plugged"]
