"""A machine with its processes: `plp modem` and `plp jobs` by their own steps. A process that crashes loses its memory;
the supervisor starts it again.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from peewee import fn

from base.settings.values import Settings
from db.alerts.queue.recovery import release_due
from db.alerts.values import Claim
from db.engine.base import database, tuples
from db.engine.connection import UNAVAILABLE, is_postgres_database
from db.engine.files import state_folder
from db.models.broadcasts import Broadcast, Part
from db.modems import status
from db.modems.readiness import signs_of_life
from db.operations.lineage import hold_after_damage
from modem.daemon import daemon
from modem.daemon.clock import ClockWatch
from modem.daemon.witness import Witness
from plp.jobs.imap.watch import MAILBOX_EVERY_S, MailboxWatch
from plp.jobs.scheduler import AGAIN_AFTER_S, DUTIES, STEPS, do_each, keep_looking
from plp.jobs.smtp.postman import carry_mail
from rules.states import PartState, Stage
from tests.world.machine.clocks import Kernel
from tests.world.machine.threads import Ending, Lock, Resting, Seat, ServerLock
from tests.world.timeline import Actor, Crash

if TYPE_CHECKING:
    from tests.world.machine.box import Box

# Pauses of the loops while something goes on, and while nothing does: the longer nothing changed, the longer, as looks
# in between would find nothing.
SEAT_S, LONGEST_SEAT_S, BUSY_S, JOBS_S, QUIET_S, CALM_S = 1.5, 6.0, 4.0, 12.0, 60.0, 300.0
DUTIES_EVERY_S = 1800.0
RESTARTS_AFTER_S = (1.0, 12.0)
# A daemon that ends looks so often whether its threads have ended.
WINDING_UP_S = 0.1
# As the daemon says it; to the server its last life may be another daemon.
LOCKED = "another daemon of this name has the lock"


@dataclass
class Process:
    """One process of the box; `actors` are its threads."""

    name: str
    begin: Callable[["Process"], None]
    actors: list[Actor] = field(default_factory=list)
    runs: bool = False


class Host:
    """Until `off_until_s` there is no power; until `cut_until_s` no way to the server; until `full_until_s` no room for
    its own files.
    """

    def __init__(self, box: "Box", settings: Settings) -> None:
        self.box, self.settings, self.name = box, settings, settings.host
        self.sticks = {section.name: box.sticks[section.name] for section in settings.modems}
        self.off_until_s = self.cut_until_s = self.full_until_s = 0.0
        # The next COMMIT is the last for so long, and is not answered.
        self.cut_at_commit_s = 0.0
        self.paused, self.ending = threading.Event(), Ending(box.timeline)
        self.lock = ServerLock(self)
        self.witness: Witness | None = None
        self.kernel: Kernel | None = None
        self.carries_mail = bool(settings.mail.sender)
        self.processes = {name: Process(name, begin) for name, begin in (("modem", self._modem), ("jobs", self._jobs))}
        for stick in self.sticks.values():
            stick.woken = lambda name=stick.name: self.wake(name)
            stick.crash_point = box.crash_point

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
        except RuntimeError as error:
            if LOCKED not in str(error):
                raise
            self.box.tell(f"plp {process.name} of {self.name} ends: {error}")
            self._wind_up(process)
            raise Crash from None

    def _wind_up(self, process: Process) -> None:
        """As at the end of the daemon's `run`: what a modem has told is still written, within the patience of it."""
        seats, timeline = process.actors[1:], self.box.timeline
        if not seats:
            return
        self.ending.set()
        self.wake_all()
        until_s = timeline.now_s + daemon.STOP_PATIENCE_S
        while timeline.now_s < until_s and not all(seat.is_over for seat in seats):
            timeline.sleep(WINDING_UP_S)
        is_written = self.reaches_server() and timeline.now_s >= self.box.full_until_s
        if not is_written or not all(seat.is_over for seat in seats):
            self.box.crashes += 1  # what they still had is lost
        with suppress(*UNAVAILABLE):
            if self.witness is not None:
                self.witness.close()
            status.stop_beating(self.name, process.name, self.box.timeline.now())

    def _spawn(self, process: Process, name: str, run: Callable[[], None]) -> None:
        actor = self.box.timeline.spawn(f"{process.name} {name}", run, lambda: self._die(process))
        actor.place = self.name
        process.actors.append(actor)

    def kill(self, name: str) -> None:
        """From outside: kill -9."""
        process = self.processes[name]
        if process.runs:
            self.box.crashes += 1
            self._die(process)

    def lose_power(self, seconds: float) -> None:
        """The sticks lose it with the machine. One that has none cannot lose it."""
        timeline = self.box.timeline
        if not self.is_on():
            return
        self.off_until_s = timeline.now_s + seconds
        if self.kernel is not None:
            self.kernel.lose_power(seconds)
        for name, process in self.processes.items():
            if timeline.running not in process.actors:
                self.kill(name)
        for stick in self.sticks.values():
            if stick.plugged:
                stick.unplug()
                timeline.after(seconds + 5.0, stick.plug_in)

    def stop(self) -> None:
        """For good: the night is over."""
        for process in self.processes.values():
            self._bury(process)

    def _die(self, process: Process) -> None:
        if not process.runs:
            return
        self._bury(process)
        self.box.tell(f"plp {process.name}{self.box.of(self)} crashed")
        self._start_after(process, self.box.chance.uniform(*RESTARTS_AFTER_S))

    def _start_after(self, process: Process, seconds: float) -> None:
        """The supervisor's wait. It ends with the machine's power, and begins anew when that is back."""

        def start() -> None:
            if self.is_on():
                self._start(process)
            else:
                self._start_after(process, seconds)

        self.box.timeline.at(max(self.box.timeline.now_s, self.off_until_s) + seconds, start)

    def _bury(self, process: Process) -> None:
        process.runs = False
        actors, process.actors = process.actors, []
        if process.name == "modem":
            self.lock.lose(silently=self.box.timeline.now_s < self.off_until_s)
            for stick in self.sticks.values():
                stick.client_died()
        for actor in actors:
            actor.kill()
        assert not database.in_transaction(), "a crash left a transaction open"

    def is_on(self) -> bool:
        return self.box.timeline.now_s >= self.off_until_s

    def reaches_server(self) -> bool:
        return self.box.timeline.now_s >= max(self.cut_until_s, self.box.server_away_until_s)

    def beat(self) -> None:
        """The signs of life that the processes give every few seconds, for whoever asks now."""
        several = is_postgres_database()
        for number, process in enumerate(self.processes.values()):
            speaks = process.runs and self.reaches_server()
            if speaks and several and process.name == "modem":  # it means that the database was compared
                speaks = self.witness is not None and self.witness.has_compared()
            if speaks:
                with suppress(*UNAVAILABLE):
                    status.beat(self.name, process.name, 4242 + number, self.box.timeline.now())

    # -- plp modem ---------------------------------------------------------------------------------------------

    def _modem(self, process: Process) -> None:
        several = is_postgres_database()
        if several and not self.lock.take():
            raise RuntimeError(LOCKED)
        self.paused.clear()
        self.ending = Ending(self.box.timeline)
        if several:
            self.box.beat()
        stale = self._stale()
        daemon._recover(self.settings)
        for number in stale if stale and self._is_alone() else ():
            if Broadcast.get_by_id(number).stage == Stage.QUEUED:
                self.box.violate("stale", f"broadcast {number} is old, and goes out without a person")
        hold_after_damage(self.box.timeline.now())
        witness = self.witness = Witness(state_folder(self.settings), lambda: self.box.timeline.now_s)
        witness._lock = Lock(self.box.timeline)
        daemon._compare(witness, self.name)

        def start(claim: Claim, now: datetime) -> None:
            self.box.timeline.after(daemon.HOUSEKEEPING_EVERY_S, self.look)  # to note how far it is
            witness.start(claim, now)

        for section in self.settings.modems:
            seat = Seat(self, section, start)
            self._spawn(process, section.name, lambda seat=seat: self._run_seat(seat))
        watched, clean_at_s = ClockWatch(self.box.timeline.now(), self.box.timeline.now_s), 0.0
        while True:
            with suppress(*UNAVAILABLE):
                if several:
                    self.box.beat()
                    daemon._hold(self.lock, self, witness, self.name)
                now = self.box.timeline.now()
                daemon._follow_the_clock(watched, now)
                daemon._compare(witness, self.name)
                if self.box.timeline.now_s >= clean_at_s:
                    clean_at_s = self.box.timeline.now_s + BUSY_S
                    release_due(now)
                    daemon._keep_house(now, self.name)
                    daemon._beat(witness, self.name)
            self.rest(BUSY_S)

    def _stale(self) -> list[int]:
        """Urgent broadcasts that wait since so long that a person must decide after a stop of the machine, and of
        everybody else's.
        """
        now = self.box.timeline.now()
        if not self._is_alone():
            return []
        before = now - timedelta(minutes=self.settings.sending.stale_after_min)
        begun = fn.COALESCE(Broadcast.release_at, Broadcast.created_at) < Broadcast.created_at.db_value(before)
        waits = Part.select().where(Part.broadcast == Broadcast.id, Part.state == PartState.QUEUED)
        rows = Broadcast.select(Broadcast.id).where(Broadcast.stage == Stage.QUEUED, Broadcast.lane == 0, begun)
        return [number for (number,) in tuples(rows.where(fn.EXISTS(waits)).order_by(Broadcast.id))]

    def _is_alone(self) -> bool:
        return not set(signs_of_life(self.box.timeline.now())) - {self.name}

    def _run_seat(self, seat: Seat) -> None:
        timeline, chance, idle_s = self.box.timeline, self.box.chance, SEAT_S
        while not self.ending.is_set():
            if self.paused.is_set() or not seat._step():
                self.rest(max(seat.worker.idle_s(timeline.now()), idle_s))
                idle_s = min(1.5 * idle_s, LONGEST_SEAT_S)
                continue
            idle_s = SEAT_S
            if chance.random() < self.box.stalls:
                timeline.sleep(chance.uniform(0.1, self.box.stall_s))
        seat._close()

    def rest(self, seconds: float) -> None:
        actor = self.box.timeline.running
        assert actor is not None
        self.box.crash_point()
        actor.wait(seconds if self.box.busy() else min(max(QUIET_S, self.box.calm_s / 3), CALM_S))

    def pause(self) -> bool:
        """As `ModemThreads` does."""
        was_paused = self.paused.is_set()
        self.paused.set()
        return not was_paused

    def resume(self) -> None:
        if self.paused.is_set():
            self.paused.clear()
            self.wake_all()

    def wake(self, name: str) -> None:
        for actor in self.processes["modem"].actors:
            if actor.name == f"modem {name}":
                actor.wake()

    def wake_soon(self, name: str) -> None:
        self.box.timeline.after(0.0, lambda: self.wake(name))

    def look(self) -> None:
        """The daemon looks several times in a second at what here waits much longer."""
        for actor in self.processes["modem"].actors[:1]:
            actor.wake()

    def wake_all(self) -> None:
        for actor in self.processes["modem"].actors[1:]:
            actor.wake()

    # -- plp jobs ----------------------------------------------------------------------------------------------

    def _jobs(self, process: Process) -> None:
        mailbox = partial(keep_looking, (("mailbox", MailboxWatch().step),), MAILBOX_EVERY_S)
        for name, work in (("mail", carry_mail), ("mailbox", mailbox)) if self.carries_mail else ():
            self._spawn(process, name, lambda work=work: self._run_errand(work))
        duties_at_s = 0.0
        while True:
            self.box.beat()
            with suppress(*UNAVAILABLE):
                do_each(STEPS, self.settings, self.box.timeline.now())
                if self.box.timeline.now_s >= duties_at_s:
                    duties_at_s = self.box.timeline.now_s + DUTIES_EVERY_S
                    do_each(DUTIES, self.settings, self.box.timeline.now())
            self.rest(JOBS_S * self.box.pace())

    def _run_errand(self, work: Callable[[Settings, object], None]) -> None:
        """Begun anew when it fails."""
        while True:
            try:
                work(self.settings, Resting(self))
            except UNAVAILABLE:
                pass
            except Exception as error:  # noqa: BLE001  (its thread logs it, and begins anew)
                self.box.violate("defect", f"an errand: {type(error).__name__}: {error}")
            self.rest(AGAIN_AFTER_S)
