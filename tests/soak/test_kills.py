"""kill -9 of the daemon at any moment of its life, its start included, in one long alert.

Nobody is lost, nobody is doubled; what the network may have taken while the daemon died is named, and resolved by its
report when that comes while a daemon listens.
"""

import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from db.models.broadcasts import Attempt, Message, Part
from tests.e2e.box import Box, eventually, mobile
from tests.soak.budget import Budget
from tests.soak.figures import note

FULL_KILLS = 100
PEOPLE_PER_KILL = 20
MODEMS = ("a", "b")
SUBMIT_MS = 100
# Longer than a start takes, so that many a report finds the next daemon listening.
REPORT_MS = 2500
# One daemon in four is killed while it starts; the others send for so long on average, at times much longer, so that
# reports of what the kill before left unclear are heard.
STARTS_KILLED = 0.25
MEAN_SENDING_S = 0.9
# Around a daemon's birth and death nobody can say whether a report was still heard.
MARGIN_S = 0.3
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


@dataclass
class Life:
    """When one daemon had both modems ready, if ever, and when it was killed: seconds since the epoch."""

    ready_at_s: float | None = None
    killed_at_s: float = 0.0

    def heard(self, at_s: float) -> bool:
        return self.ready_at_s is not None and self.ready_at_s + MARGIN_S < at_s < self.killed_at_s - MARGIN_S


def _live(box: Box, dice: random.Random, start_s: float) -> Life:
    """One daemon, from its start to its kill; `start_s` is how long a start took."""
    life = Life()
    before = _last_sign(box)
    daemon = box.start("modem")
    if dice.random() < STARTS_KILLED:
        time.sleep(dice.uniform(0, start_s))
    else:
        # A daemon that sends has its modem ready; the rows may still tell of the one before.
        eventually("the daemon sends", lambda: _last_sign(box) != before and box.ready_modems() == len(MODEMS))
        life.ready_at_s = time.time()
        time.sleep(dice.expovariate(1 / MEAN_SENDING_S))
    daemon.kill()
    daemon.wait()
    life.killed_at_s = time.time()
    return life


def _last_sign(box: Box) -> int:
    """The newest attempt: it changes once the new daemon sends."""
    with box.reading():
        return Attempt.select().count()


def _became_unconfirmed(box: Box) -> set[str]:
    """The numbers with an attempt that once had no known end; a report does not change what the attempt says."""
    with box.reading():
        rows = Message.select(Message.msisdn).join(Part).join(Attempt).where(Attempt.outcome == "unconfirmed")
        return {row.msisdn for row in rows}


@pytest.mark.soak(3)
def test_kills_at_any_moment(budget: Budget, tmp_path: Path) -> None:
    kills = budget.scaled(FULL_KILLS)
    people = kills * PEOPLE_PER_KILL
    dice = random.Random(f"{budget.name}/5278")
    box = Box(tmp_path, MODEMS)
    try:
        box.plp("migrate")
        for seed, name in enumerate(MODEMS):
            pace = ("--submit-ms", str(SUBMIT_MS), "--report-ms", str(REPORT_MS))
            box.start_simulator(name, *pace, "--seed", str(seed))
        box.import_members(people)
        began_s = time.monotonic()
        daemon = box.start("modem")
        eventually("both modems ready", lambda: box.ready_modems() == len(MODEMS))
        start_s = time.monotonic() - began_s
        daemon.kill()
        daemon.wait()
        broadcast = box.send(TEXT)
        lives = []
        for _ in range(kills):
            lives.append(_live(box, dice, start_s))
            assert len(box.log(*MODEMS)) < people, "the alert ended before the kills did"
        sent_at_last_kill = len(box.log(*MODEMS))
        box.start("modem")
        last = Life(time.time() + 5.0, time.time() + 1e6)
        counts = eventually(
            "an end",
            lambda: (found := box.counts(broadcast)) and not {"queued", "sending"} & set(found) and found,
            300,
        )
        time.sleep(REPORT_MS / 1000 + 1.0)
        counts = box.counts(broadcast)
        taken = {record["to"]: record for record in box.log(*MODEMS, tpdus=True)}
        times = Counter(record["to"] for record in box.log(*MODEMS, tpdus=True))
        unconfirmed = box.people(broadcast, "unconfirmed")
        once_unconfirmed = _became_unconfirmed(box)
    finally:
        box.close()

    everyone = {mobile(number) for number in range(people)}
    doubled = {number for number, often in times.items() if often > 1}
    lost = everyone - set(taken) - unconfirmed
    reported_at_s = {
        number: datetime.fromisoformat(record["at"]).timestamp() + REPORT_MS / 1000 for number, record in taken.items()
    }
    heard = {
        number
        for number in once_unconfirmed & set(taken)
        if any(life.heard(reported_at_s[number]) for life in [*lives, last])
    }
    print(f"counts {counts}, once unconfirmed {len(once_unconfirmed)}, of them heard of {len(heard)}")
    assert doubled == set()
    assert lost == set()
    assert set(counts) <= {"delivered", "sent", "unconfirmed"}
    assert len(once_unconfirmed) <= kills * len(MODEMS)
    assert heard & unconfirmed == set(), "a report that came while a daemon listened resolved nothing"
    assert not budget.is_full or heard, "no test of what a report resolves"
    note(
        budget,
        "kill -9 of the daemon at random moments, SQLite",
        f"{kills} kills in {people:,} messages, 2 modems of {SUBMIT_MS} ms, {sent_at_last_kill:,} sent between them",
        f"lost 0, doubled 0, {len(once_unconfirmed)} became unconfirmed (at most one per modem and kill), "
        f"{len(heard)} of them had their report while a daemon listened and all were resolved by it, "
        f"{len(unconfirmed)} stay",
    )
