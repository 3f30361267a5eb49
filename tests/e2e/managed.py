"""An alert through `driver = modemmanager` and Debian's ModemManager, which is killed meanwhile."""

import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.box import Box, eventually, mobile
from tests.support.modemmanager import Manager, until

SOCKET = "abstract:plp-{}"


@dataclass(frozen=True)
class Run:
    """What became of an alert: numbers, and how often each of them had how many SMS of it."""

    counts: dict[str, int]
    lost: set[str]
    doubled: set[str]
    unconfirmed: set[str]
    waited: int
    seconds: float


def alert(folder: Path, mm: Manager, text: str, people: int, kills: int, dice: random.Random, *pace: str) -> Run:
    """Lost is who had nothing and is not named as unconfirmed; doubled, who had a text twice."""
    socket = SOCKET.format(folder.name)
    box = Box(folder, ())
    box.config.write_text(box.config.read_text() + "[modem:a]\ndriver = modemmanager\n")
    try:
        box.start_simulator("a", "--socket", socket, *pace)
        box.plp("migrate")
        box.import_members(people)
        _plug(mm, socket)
        box.start("modem")
        eventually("the modem is ready", lambda: box.ready_modems() == 1)
        began_s = time.monotonic()
        broadcast = box.send(text)
        for kill in range(1, kills + 1):
            eventually("some are out", lambda kill=kill: len(_out(box)) > kill * people / (kills + 2), 120)
            time.sleep(dice.uniform(0, 0.2))
            mm.kill()
            _plug(mm, socket)
        waiting = {"queued", "sending"}
        counts = eventually(
            "an end", lambda: (found := box.counts(broadcast)) and not waiting & found.keys() and found, 300
        )
        seconds = time.monotonic() - began_s
        eventually("the last reports", lambda: not box.counts(broadcast).get("sent"), 10) if not kills else None
        counts, unconfirmed = box.counts(broadcast), box.people(broadcast, "unconfirmed")
        out = _out(box)
    finally:
        box.close()
    everyone = {mobile(number) for number in range(people)}
    often = Counter(out)
    return Run(
        counts, everyone - set(out) - unconfirmed, {number for number, times in often.items() if times > 1},
        unconfirmed, sum(number not in often for number in unconfirmed), seconds,
    )  # fmt: skip


def _out(box: Box) -> list[str]:
    """To whom the network took a whole text."""
    return [record["to"] for record in box.log("a")]


def _plug(mm: Manager, socket: str) -> None:
    if mm.pid is None:
        mm.start()
    mm.plug("generic", socket)
    until(lambda: mm.has(socket))
