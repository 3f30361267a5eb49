"""The machine with its processes: `plp modem` and `plp jobs` by their own steps, and whoever acts at a door. A process
that crashes loses its memory; the supervisor starts it again.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

from peewee import OperationalError, fn

from db.alerts.queue.recovery import release_due
from db.alerts.values import Claim
from db.engine.base import database, tuples
from db.engine.connection import UNAVAILABLE
from db.models.broadcasts import Broadcast, Part
from db.modems import status
from db.operations.lineage import hold_after_damage
from modem.daemon import daemon
from modem.daemon.ports.registry import PortRegistry
from modem.daemon.witness import Witness
from modem.daemon.worker.worker import ModemWorker
from modem.daemon.worker_threads import ModemThread
from modem.driver.at import AtDriver
from modem.driver.base.interface import ModemDriver
from plp.jobs.scheduler import DUTIES, STEPS, do_each
from plp.settings.values import ModemSettings, Settings
from rules.states import PartState, Stage
from tests.world.outside.port import DialogueClock
from tests.world.outside.stick import Stick
from tests.world.timeline import Actor, Crash, Timeline
from tests.world.touched import Touched

# Pauses of the loops while something goes on, and while nothing does: the longer nothing changed, the longer, as looks
# in between would find nothing.
SEAT_S, BUSY_S, JOBS_S, QUIET_S, CALM_S = 1.5, 4.0, 12.0, 60.0, 300.0
# A sign of life is believed for longer.
BEAT_S = 20.0
DUTIES_EVERY_S = 1800.0
RESTARTS_AFTER_S = (1.0, 12.0)
# A commit is noticed so soon.
NOTICED_S = 0.02


class Never:
    """The end of the daemon, which a night never waits for."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def is_set(self) -> bool:
        return False

    def wait(self, timeout_s: float) -> bool:
        self._timeline.sleep(timeout_s)
        return False


class Seat(ModemThread):
    """A modem's thread without the thread: its worker drives the stick that the settings name."""

    def __init__(self, box: "Box", section: ModemSettings, start: Callable[[Claim, object], None]) -> None:
        stop, paused = Never(box.timeline), threading.Event()
        super().__init__(box.host, section, box.settings.path, PortRegistry({}), stop, paused, start)
        stick = box.sticks[section.name]
        driver = AtDriver(
            section.device,
            clock=DialogueClock(box.timeline),
            on_event=lambda: box.wake_soon(section.name),
            submit_timeout_s=float(section.submit_timeout_s),
        )
        self.driver = box.watched(driver, section.name)
        self.worker = ModemWorker(
            *(box.host, section, cast(ModemDriver, self.driver), lambda: stick.plugged, box.timeline.now),
            self._persist,
            start=start,
        )


@dataclass
class Process:
    """One process of the box; `actors` are its threads."""

    name: str
    begin: Callable[["Process"], None]
    actors: list[Actor] = field(default_factory=list)
    runs: bool = False


class Box:
    """`fuse` counts down at every step that could be the last; at 0 the process that takes it crashes. Until
    `full_until_s` the disk takes nothing; until `off_until_s` there is no power.
    """

    def __init__(
        self, timeline: Timeline, settings: Settings, sticks: dict[str, Stick], chance: random.Random, tell: Callable
    ) -> None:
        self.timeline, self.settings, self.sticks, self._chance, self._tell = timeline, settings, sticks, chance, tell
        self.host = settings.host
        self.fuse: int | None = None
        # What a process does after its crash, as it is unwound, is not done.
        self.is_dying = False
        self.full_until_s = self.off_until_s = 0.0
        # A busy machine lets a thread wait between two steps, so often and so long.
        self.stalls, self.stall_s = 0.08, 3.0
        self.crashes = 0
        self.violate: Callable[[str, str], None] = lambda oracle, words: None
        self.busy: Callable[[], bool] = lambda: True
        self.struck: Callable[[], None] = lambda: None
        self.watched: Callable[[AtDriver, str], AtDriver] = lambda driver, _name: driver
        self.processes = {name: Process(name, begin) for name, begin in (("modem", self._modem), ("jobs", self._jobs))}
        self.touched = Touched()
        self._wakes_at_s = -1.0
        self._touched_at_s = self._beaten_at_s = 0.0
        self._seen = self._woken = self._changes = 0
        for stick in sticks.values():
            stick.woken = lambda name=stick.name: self.wake(name)
            stick.crash_point = self.crash_point

    @property
    def folder(self) -> Path:
        return self.settings.folder

    # -- life and death ----------------------------------------------------------------------------------------

    def start(self) -> None:
        for process in self.processes.values():
            self._start(process)

    def _start(self, process: Process) -> None:
        if not process.runs:
            process.runs = True
            self._spawn(process, "main", lambda: self._begin(process))

    def _begin(self, process: Process) -> None:
        """A process that cannot begin ends, and is started again."""
        try:
            process.begin(process)
        except UNAVAILABLE:
            raise Crash from None

    def _spawn(self, process: Process, name: str, run: Callable[[], None]) -> None:
        process.actors.append(self.timeline.spawn(f"{process.name} {name}", run, lambda: self._die(process)))

    def crash_point(self) -> None:
        """A step that may be the last of whoever takes it. Raises Crash."""
        if self.is_dying:
            raise Crash
        if self.fuse is None:
            return
        self.fuse -= 1
        if self.fuse <= 0:
            self.fuse = None
            self.crashes += 1
            self.struck()
            self.is_dying = True
            raise Crash

    def commit(self, commit: Callable[[], None]) -> None:
        """A COMMIT of anybody: before it the crash leaves nothing, after it everything; and the daemon notices."""
        try:
            self.crash_point()
        except Crash:
            database.rollback()  # peewee does so for exceptions alone
            raise
        changes, before = database.connection().total_changes, self._changes
        self._changes = changes
        if changes != before and self.timeline.now_s < self.full_until_s:
            raise OperationalError("database or disk is full")
        commit()
        if self.touched.often == self._seen:
            return
        self._seen, self._touched_at_s = self.touched.often, self.timeline.now_s
        if self.touched.wakes == self._woken:
            return
        self._woken = self.touched.wakes
        if self.timeline.now_s + NOTICED_S > self._wakes_at_s:
            self._wakes_at_s = self.timeline.now_s + NOTICED_S
            self.timeline.at(self._wakes_at_s, self.wake_all)

    def kill(self, name: str) -> None:
        """From outside: kill -9."""
        process = self.processes[name]
        if process.runs:
            self.crashes += 1
            self._die(process)

    def stop(self) -> None:
        """For good: the night is over."""
        for process in self.processes.values():
            self._bury(process)

    def _die(self, process: Process) -> None:
        self.is_dying = False
        if not process.runs:
            return
        self._bury(process)
        self._tell(f"plp {process.name} crashed")
        restarts_s = max(self.timeline.now_s, self.off_until_s) + self._chance.uniform(*RESTARTS_AFTER_S)
        self.timeline.at(restarts_s, lambda: self._start(process))

    def _bury(self, process: Process) -> None:
        process.runs = False
        actors, process.actors = process.actors, []
        if process.name == "modem":
            for stick in self.sticks.values():
                stick.client_died()
        self.is_dying = True
        for actor in actors:
            actor.kill()
        self.is_dying = False
        assert not database.in_transaction(), "a crash left a transaction open"

    def beat(self) -> None:
        """The signs of life that the processes give every few seconds, for whoever asks now."""
        if self.timeline.now_s < self._beaten_at_s + BEAT_S:
            return
        self._beaten_at_s = self.timeline.now_s
        for number, process in enumerate(self.processes.values()):
            if process.runs:
                with suppress(*UNAVAILABLE):
                    status.beat(self.host, process.name, 4242 + number, self.timeline.now())

    # -- plp modem ---------------------------------------------------------------------------------------------

    def _modem(self, process: Process) -> None:
        stale = self._stale()
        daemon._recover(self.settings)
        for number in stale:
            if Broadcast.get_by_id(number).stage == Stage.QUEUED:
                self.violate("stale", f"broadcast {number} is old, and goes out without a person")
        hold_after_damage(self.timeline.now())
        witness = Witness(self.folder, lambda: self.timeline.now_s)
        daemon._compare(witness, self.host)
        for section in self.settings.modems:
            seat = Seat(self, section, witness.start)
            self._spawn(process, section.name, lambda seat=seat: self._run_seat(seat))
        while True:
            with suppress(*UNAVAILABLE):
                now = self.timeline.now()
                release_due(now)
                daemon._compare(witness, self.host)
                daemon._keep_house(now)
                daemon._beat(witness, self.host)
            self._rest(BUSY_S)

    def _stale(self) -> list[int]:
        """Urgent broadcasts that wait since so long that a person must decide after a stop of the machine."""
        before = self.timeline.now() - timedelta(minutes=self.settings.sending.stale_after_min)
        begun = fn.COALESCE(Broadcast.release_at, Broadcast.created_at) < Broadcast.created_at.db_value(before)
        waits = Part.select().where(Part.broadcast == Broadcast.id, Part.state == PartState.QUEUED)
        rows = Broadcast.select(Broadcast.id).where(Broadcast.stage == Stage.QUEUED, Broadcast.lane == 0, begun)
        return [number for (number,) in tuples(rows.where(fn.EXISTS(waits)).order_by(Broadcast.id))]

    def _run_seat(self, seat: Seat) -> None:
        while True:
            if not seat._step():
                self._rest(max(seat.worker.idle_s(self.timeline.now()), SEAT_S))
            elif self._chance.random() < self.stalls:
                self.timeline.sleep(self._chance.uniform(0.1, self.stall_s))

    def _rest(self, seconds: float) -> None:
        actor = self.timeline.running
        assert actor is not None
        self.crash_point()
        calm_s = self.timeline.now_s - self._touched_at_s
        actor.wait(seconds if self.busy() else min(max(QUIET_S, calm_s / 3), CALM_S))

    def wake(self, name: str) -> None:
        for actor in self.processes["modem"].actors:
            if actor.name == f"modem {name}":
                actor.wake()

    def wake_soon(self, name: str) -> None:
        self.timeline.after(0.0, lambda: self.wake(name))

    def wake_all(self) -> None:
        for actor in self.processes["modem"].actors[1:]:
            actor.wake()

    # -- plp jobs ----------------------------------------------------------------------------------------------

    def _jobs(self, process: Process) -> None:
        duties_at_s = 0.0
        while True:
            self.beat()
            with suppress(*UNAVAILABLE):
                do_each(STEPS, self.settings, self.timeline.now())
                if self.timeline.now_s >= duties_at_s:
                    duties_at_s = self.timeline.now_s + DUTIES_EVERY_S
                    do_each(DUTIES, self.settings, self.timeline.now())
            self._rest(JOBS_S)


@contextmanager
def seeded(chance: random.Random) -> Iterator[None]:
    """The product's own dice, where they are no secret, follow the seed."""
    state = random.getstate()
    random.seed(chance.random())
    try:
        yield
    finally:
        random.setstate(state)
