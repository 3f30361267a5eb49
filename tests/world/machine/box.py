"""The machines with what they share: their database, its disk, and the next crash. Mostly there is one."""

import errno
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import OperationalError

from base.settings.values import Settings
from db.engine.base import database
from db.engine.connection import is_postgres_database
from db.engine.files import write_whole
from modem.driver.at import AtDriver
from tests.world.machine.host import Host
from tests.world.outside.stick import Stick
from tests.world.store.sqlite import tear
from tests.world.store.touched import Touched
from tests.world.timeline import Crash, Timeline

# A sign of life is believed for longer; where others judge by it, not much.
BEAT_S, SHARED_BEAT_S = 9.0, 3.0
# What a slow disk takes for a COMMIT.
SLOW_S = (0.05, 4.0)
# A commit is noticed so soon.
NOTICED_S = 0.02


class Box:
    """`fuse` counts down at every step that could be the last; at 0 the process that takes it crashes. Until
    `full_until_s` the database's disk takes nothing; until `server_away_until_s` its server is away.
    """

    def __init__(
        self,
        timeline: Timeline,
        settings: Iterable[Settings],
        sticks: dict[str, Stick],
        chance: random.Random,
        tell: Callable[[str], None],
    ) -> None:
        self.timeline, self.sticks, self.chance, self.tell = timeline, sticks, chance, tell
        self.fuse: int | None = None
        self.full_until_s = self.slow_until_s = self.server_away_until_s = 0.0
        self.no_room = "database or disk is full"
        # Of the crashes within a COMMIT so many are power cuts.
        self.tears = 0.0
        # What a process does after its crash, as it is unwound, is not done; this is whoever is at a console.
        self.is_dying = False
        # A busy machine lets a thread wait between two steps, so often and so long.
        self.stalls, self.stall_s = 0.08, 3.0
        self.crashes = 0
        self.violate: Callable[[str, str], None] = lambda oracle, words: None
        self.busy: Callable[[], bool] = lambda: True
        self.pace: Callable[[], float] = lambda: 1.0
        self.struck: Callable[[], None] = lambda: None
        self.watched: Callable[[AtDriver, str], AtDriver] = lambda driver, _name: driver
        self.touched = Touched()
        self._wakes_at_s = -1.0
        self._touched_at_s = self._beaten_at_s = 0.0
        self._seen = self._woken = self._changes = 0
        self.hosts = {one.host: Host(self, one) for one in settings}
        self.is_shared = is_postgres_database()

    @property
    def off_until_s(self) -> float:
        """Until then no machine runs."""
        return min(host.off_until_s for host in self.hosts.values())

    @property
    def calm_s(self) -> float:
        """Nothing has changed for so long."""
        return self.timeline.now_s - self._touched_at_s

    def of(self, host: Host) -> str:
        """Its name, where there are several."""
        return f" of {host.name}" if self.is_shared else ""

    def host_of(self, stick: str) -> Host:
        return next(host for host in self.hosts.values() if stick in host.sticks)

    def one(self, chance: random.Random) -> Host:
        """Any of them."""
        return self.hosts[chance.choice(sorted(self.hosts))]

    # -- life and death ----------------------------------------------------------------------------------------

    def start(self) -> None:
        for host in self.hosts.values():
            host.start()

    def stop(self) -> None:
        """For good: the night is over."""
        for host in self.hosts.values():
            host.stop()

    def crash_point(self) -> None:
        """A step that may be the last of whoever takes it. Raises Crash."""
        if self._is_crashing():
            raise Crash
        if self.fuse is None:
            return
        self.fuse -= 1
        if self.fuse <= 0:
            self.fuse = None
            self.crashes += 1
            self.struck()
            self._crashing(True)
            raise Crash

    def _is_crashing(self) -> bool:
        actor = self.timeline.running
        return self.is_dying if actor is None else actor.is_dying

    def _crashing(self, is_dying: bool) -> None:
        actor = self.timeline.running
        if actor is None:
            self.is_dying = is_dying
        else:
            actor.is_dying = is_dying

    def survive(self) -> None:
        """Of a console that crashed its next user knows nothing."""
        self._crashing(False)

    def commit(self, commit: Callable[[], None]) -> None:
        """A COMMIT of anybody: before it the crash leaves nothing, after it everything; and the daemon notices."""
        was_crashing = self._is_crashing()
        try:
            self.crash_point()
        except Crash:
            if not was_crashing and self.tears and self.chance.random() < self.tears:
                self._lose_power(commit)
            else:
                database.rollback()  # peewee does so for exceptions alone
            raise
        if self._has_changed() and self.timeline.now_s < self.full_until_s:
            raise OperationalError(self.no_room)
        commit()
        if self.timeline.now_s < self.slow_until_s and self.timeline.running is not None:
            self.timeline.sleep(self.chance.uniform(*SLOW_S))
        if self.touched.often == self._seen:
            return
        self._seen, self._touched_at_s = self.touched.often, self.timeline.now_s
        if self.touched.wakes == self._woken:
            return
        self._woken = self.touched.wakes
        if self.timeline.now_s + NOTICED_S > self._wakes_at_s:
            self._wakes_at_s = self.timeline.now_s + NOTICED_S
            self.timeline.at(self._wakes_at_s, self.wake_all)

    def _lose_power(self, commit: Callable[[], None]) -> None:
        """The only machine, in the middle of this COMMIT."""
        (host,) = self.hosts.values()
        self.tell("the power fails within a COMMIT")
        if tear(commit, self.chance):
            self.violate("torn", "a COMMIT that never ended is taken for damage of older ones")
        self.touched.watch()
        host.lose_power(self.chance.choice((2.0, 60.0)))

    def write_whole(self, path: Path, content: bytes) -> None:
        """A file beside the database. Raises OSError."""
        host = next((host for host in self.hosts.values() if host.settings.folder in path.parents), None)
        full_until_s = self.full_until_s if not self.is_shared else host.full_until_s if host else 0.0
        if self.timeline.now_s < full_until_s:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_whole(path, content)

    def _has_changed(self) -> bool:
        """True when this transaction changed anything."""
        if self.is_shared:
            return self.timeline.now_s < self.full_until_s and database.obj.wrote()
        changes, before = database.connection().total_changes, self._changes
        self._changes = changes
        return changes != before

    def wake_all(self) -> None:
        for host in self.hosts.values():
            if host.reaches_server():
                host.wake_all()

    def works(self) -> bool:
        """True while every machine has power, room and its database."""
        now_s, hosts = self.timeline.now_s, self.hosts.values()
        return now_s >= self.full_until_s and all(
            host.is_on() and host.reaches_server() and now_s >= host.full_until_s for host in hosts
        )

    def beat(self) -> None:
        """The signs of life of all, for whoever asks now."""
        every_s, actor = SHARED_BEAT_S if self.is_shared else BEAT_S, self.timeline.running
        if self.timeline.now_s < self._beaten_at_s + every_s or not self.reaches(actor.place if actor else ""):
            return
        self._beaten_at_s = self.timeline.now_s
        for host in self.hosts.values():
            host.beat()

    # -- the way to the server ---------------------------------------------------------------------------------

    def reaches(self, place: str) -> bool:
        """True where a host reaches the server; whoever is on none does."""
        return not place or self.hosts[place].reaches_server()

    def loses_answer(self, place: str) -> bool:
        """True once, where the answer to a COMMIT is lost with the connection."""
        host = self.hosts.get(place)
        if host is None or not host.cut_at_commit_s:
            return False
        seconds, host.cut_at_commit_s = host.cut_at_commit_s, 0.0
        self.cut(host, seconds)
        return True

    def cut(self, host: Host, seconds: float) -> None:
        """It loses the server for so long."""
        host.cut_until_s = self.timeline.now_s + seconds
        host.lock.lose(silently=True)
        database.obj.cut(lambda place: place == host.name)

    def restart_server(self, seconds: float) -> None:
        self.server_away_until_s = self.timeline.now_s + seconds
        for host in self.hosts.values():
            host.lock.lose(silently=False)
        database.obj.restart()


@contextmanager
def seeded(chance: random.Random) -> Iterator[None]:
    """The product's own dice, where they are no secret, follow the seed."""
    state = random.getstate()
    random.seed(chance.random())
    try:
        yield
    finally:
        random.setstate(state)
