"""kill -9 of a lone modem's process around a submit that is answered 0 to 50 s later, in virtual time: nobody is lost
unnamed, nobody is doubled, and the modem is heard out (docs/adr/0200).
"""

import random
import statistics
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import peewee
import pytest

from db.alerts.queue.recovery import recover
from tests.modem.daemon.lives import told
from tests.soak.budget import Budget
from tests.soak.figures import note
from tests.support.people import mobile, order, person
from tests.support.virtual import Life, World

FULL_KILLS = 500
KILLS_PER_ALERT = 10
PEOPLE = 40
# As an SIM800 takes; half of the kills are among such answers.
SUBMIT_S = 2.8
PROFILES = ("sim800", "default", "e173")
LATEST_S = 50.0
# systemd starts the unit anew, and Python needs its time.
RESTART_S = 0.6
STALE_AFTER = timedelta(hours=24)


class Killed(BaseException):
    """The process is gone: nothing of it is written any more."""


class Mortal:
    """One process after the other at the modem of a world."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.is_dead = False
        executed = peewee.Database.execute_sql

        def execute_sql(*args: Any, **options: Any) -> Any:
            if self.is_dead:
                raise Killed
            return executed(*args, **options)

        monkeypatch.setattr(peewee.Database, "execute_sql", execute_sql)
        self.life = Life(world)

    def kill_at(self, moment: float, patience_s: float) -> None:
        """Live until then and die there, whatever the process is in. What the modem says meanwhile is lost."""

        def die() -> None:
            self.is_dead = True
            raise Killed

        self.world.at(moment, die)
        try:
            self.life.live(patience_s)
        except Killed:
            if self.world.wire:
                self.world.wire.vanish()
        assert self.is_dead
        with suppress(Killed):
            self.life.close()
        self.world.wire = None
        self.is_dead = False

    def start(self) -> None:
        self.world.sleep(RESTART_S)
        recover(self.world.utc, STALE_AFTER)
        self.life = Life(self.world)


def _taken(world: World) -> list[str]:
    return [line["to"] for line in world.modem.phone.network.messages.lines]


def _kill(mortal: Mortal, dice: random.Random) -> tuple[bool, float]:
    """Kill around a submit that is answered late; returns whether as usual, and seconds to the next SMS."""
    world = mortal.world
    faults = world.modem.phone.faults
    is_usual = dice.random() < 0.5
    late_s = 0.0 if is_usual else dice.uniform(0, LATEST_S)
    faults.replace([f"slow:{late_s:.2f}@={faults.submits + dice.randint(1, 2)}"])
    mortal.kill_at(world.now + dice.uniform(0, 7), 10)
    killed_at = world.now
    mortal.start()
    submits = faults.submits
    assert mortal.life.live(120, lambda: faults.submits > submits), "the alert ended before the kills did"
    return is_usual, world.now - killed_at


def _alert(world: World, mortal: Mortal, dice: random.Random) -> tuple[list[tuple[bool, float]], int]:
    """An alert with its kills; returns what each took, and how many SMS stay unconfirmed."""
    assert mortal.life.live(90, lambda: mortal.life.is_ready)
    placed = order(world.utc, again=True)
    kills = [_kill(mortal, dice) for _ in range(KILLS_PER_ALERT)]
    world.modem.phone.faults.replace([])
    assert mortal.life.live(600, lambda: not {"queued", "sending"} & set(told(placed)))
    mortal.life.live(60)
    mortal.life.close()
    states = told(placed)
    unconfirmed = states.get("unconfirmed", set())
    taken = Counter(_taken(world))
    assert [whom for whom, often in taken.items() if often > 1] == []
    assert {mobile(number) for number in range(PEOPLE)} - set(taken) - unconfirmed == set()
    assert states.keys() <= {"delivered", "sent", "unconfirmed"}
    return kills, len(unconfirmed)


@pytest.mark.soak(2)
@pytest.mark.usefixtures("database")
def test_answers_that_come_after_a_kill(budget: Budget, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(f"{budget.name}/4406")
    wanted = budget.scaled(FULL_KILLS)
    kills: list[tuple[bool, float]] = []
    usual_s: dict[str, list[float]] = {name: [] for name in PROFILES}
    late_s: list[float] = []
    unconfirmed = alerts = 0
    at = now
    for number in range(PEOPLE):
        person(number, now)
    while len(kills) < wanted:
        with monkeypatch.context() as patches:
            world = World(at, patches)
            profile = PROFILES[alerts % len(PROFILES)]
            world.switch_on(profile, seed=alerts, submit_s=SUBMIT_S)
            seen, open_ones = _alert(world, Mortal(world, patches), dice)
        kills += seen
        for is_usual, seconds in seen:
            (usual_s[profile] if is_usual else late_s).append(seconds)
        unconfirmed += open_ones
        alerts += 1
        at = world.utc
    usual = [(name, statistics.median(times)) for name, times in usual_s.items() if times]
    medians = ", ".join(f"{name} {median_s:.2f} s" for name, median_s in usual)
    note(
        budget,
        "kill -9 with an answer that comes 0 to 50 s late, a lone modem, virtual time",
        f"{len(kills)} kills in {alerts} alerts to {PEOPLE}, {len(PROFILES)} kinds of modem",
        f"lost 0, doubled 0, {unconfirmed} stay unconfirmed; median to the next SMS where an answer took {SUBMIT_S} s: "
        f"{medians}; where it was late: {statistics.median(late_s):.1f} s, at most {max(late_s):.1f} s",
    )
