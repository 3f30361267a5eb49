"""Unplugged in mid-broadcast and plugged in again, each time on another path: the same modem goes on."""

import json
import random
import socket
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.box import Box, eventually, mobile

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PEOPLE = 300
UNPLUGS = 10
ABSENT_WITHIN_S = 2.0
SENDING_WITHIN_S = 10.0
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


class Stick:
    """A simulated modem that moves between the ports of a folder; its IMEI stays."""

    def __init__(self, box: Box, name: str, *options: str) -> None:
        (box.folder / "ports").mkdir(exist_ok=True)
        self._box, self.name, self._moves = box, name, 0
        self._control = box.folder / f"{name}.control"
        files = ("--log", f"{name}.jsonl", "--tpdu-log", f"{name}.tpdu.jsonl", "--control", str(self._control))
        box._start("-m", "modem.sim", "--link", str(self._path()), *files, *options)
        eventually(f"simulator {name}", lambda: self._control.exists() and self._path().exists())
        self.imei = str(self.order("stats")["imei"])

    def order(self, line: str) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as wire, wire.makefile("rw", encoding="utf-8") as asked:
            wire.connect(str(self._control))
            asked.write(line + "\n")
            asked.flush()
            answer: dict[str, Any] = json.loads(asked.readline())
        assert answer["ok"], answer
        return answer

    def unplug(self) -> float:
        self.order("unplug")
        return time.monotonic()

    def replug_elsewhere(self) -> float:
        self._moves += 1
        self.order(f"replug {self._path()}")
        return time.monotonic()

    def _path(self) -> Path:
        return self._box.folder / "ports" / f"tty-{self.name}{self._moves}"


def configured(box: Box, sections: str) -> None:
    before = box.config.read_text().partition("[modem:")[0]
    box.config.write_text(before + sections)


def test_ten_unplugs_in_three_hundred_messages_each_time_on_another_path(make_box):
    chance = random.Random(3)
    box: Box = make_box("a", "b")
    sticks = {name: Stick(box, name, "--submit-ms", "60") for name in ("a", "b")}
    configured(
        box, "".join(f"[modem:{name}]\ndevice = ports/tty-*\nimei = {sticks[name].imei}\n" for name in sticks)
    )
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
