"""Virtual time. Actors are greenlets that wait in it; deeds are calls at a moment. One runs at a time, in an order that
follows from the seed alone.
"""

import heapq
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from unittest.mock import patch

from greenlet import getcurrent, greenlet

from db.engine import clock

Deed = Callable[[], object]


class Crash(BaseException):
    """The process's memory goes in this very moment. No code of the product may catch it."""


class Actor:
    """A thread of the product, as a greenlet. `wake` ends its wait; `place` is the host that it runs on, if any."""

    def __init__(self, timeline: "Timeline", name: str, run: Deed, crashed: Deed) -> None:
        self.name = name
        self._timeline, self._run, self._crashed = timeline, run, crashed
        self._greenlet = greenlet(self._begin, timeline.hub)
        self._naps = 0
        self._woken = self._has_crashed = False
        self.waits = True
        self.is_dying = False
        self.place = ""

    def wake(self) -> None:
        """Go on as soon as whoever runs now waits; its next wait is none if it did not wait now."""
        self._woken = True
        if self.waits:
            self._timeline.at(self._timeline.now_s, self._going_on())

    def wait(self, seconds: float) -> None:
        """From within: until then, or until somebody wakes it."""
        if not self._woken:
            self._naps += 1
            self.waits = True
            self._timeline.at(self._timeline.now_s + max(0.0, seconds), self._going_on())
            self._timeline.hub.switch()
        self._woken = False

    def start(self) -> None:
        self._timeline.at(self._timeline.now_s, self._going_on())

    @property
    def is_over(self) -> bool:
        return bool(self._greenlet.dead)

    def kill(self) -> None:
        """Its process is gone: nothing of what it waits for comes."""
        self._naps += 1
        if self._greenlet and getcurrent() is not self._greenlet:
            self.is_dying, self._greenlet.parent = True, getcurrent()
            running, self._timeline.running = self._timeline.running, self
            self._greenlet.throw(Crash)
            self._timeline.running = running

    def _going_on(self) -> Deed:
        nap = self._naps

        def go_on() -> None:
            if nap == self._naps and self.waits and not self._greenlet.dead:
                self.waits = False
                self._naps += 1
                self._timeline.running = self
                self._greenlet.switch()
                self._timeline.running = None
                if self._has_crashed:
                    self._crashed()

        return go_on

    def _begin(self) -> None:
        try:
            self._run()
        except Crash:
            self._has_crashed = True
        finally:
            self._timeline.on_end()


class Timeline:
    """The world's clock, and what comes in it. `now_s` are seconds since the epoch; the machine's is `off_s` ahead
    of it.
    """

    def __init__(self, start: datetime) -> None:
        self.now_s = start.timestamp()
        self.off_s = 0.0
        self.hub = getcurrent()
        self.running: Actor | None = None
        # Asked after each deed; it may raise.
        self.after_each: Deed = lambda: None
        # Called by each actor at its end.
        self.on_end: Callable[[], None] = lambda: None
        self._coming: list[tuple[float, int, Deed]] = []
        self._order = count()

    def now(self) -> datetime:
        """What the machine's clock shows, aware UTC."""
        return datetime.fromtimestamp(self.now_s + self.off_s, UTC)

    def at(self, due_s: float, deed: Deed) -> None:
        """Do it at that moment, after what is due then already."""
        heapq.heappush(self._coming, (due_s, next(self._order), deed))

    def after(self, seconds: float, deed: Deed) -> None:
        self.at(self.now_s + seconds, deed)

    def spawn(self, name: str, run: Deed, crashed: Deed) -> Actor:
        actor = Actor(self, name, run, crashed)
        actor.start()
        return actor

    def run_until(self, end_s: float) -> None:
        """Let come what is due until then."""
        while self._coming and self._coming[0][0] <= end_s:
            due_s, _, deed = heapq.heappop(self._coming)
            self.now_s = max(self.now_s, due_s)
            deed()
            self.after_each()
        self.now_s = max(self.now_s, end_s)

    def sleep(self, seconds: float) -> None:
        """`time.sleep`: an actor waits; whoever acts in a moment of its own only gets later."""
        if self.running is None:
            self.now_s += max(0.0, seconds)
            return
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.running.wait(until_s - self.now_s)

    @contextmanager
    def rules(self) -> Iterator[None]:
        """Every clock of this process shows the machine's time during the block, and steady ones go on evenly."""
        was = clock.utc_now
        with ExitStack() as patches:
            patches.enter_context(patch.object(time, "monotonic", lambda: self.now_s))
            patches.enter_context(patch.object(time, "time", lambda: self.now_s + self.off_s))
            patches.enter_context(patch.object(time, "clock_gettime", lambda _which: self.now_s))
            patches.enter_context(patch.object(time, "sleep", self.sleep))
            for module in list(sys.modules.values()):
                if getattr(module, "utc_now", None) is was:
                    patches.enter_context(patch.object(module, "utc_now", self.now))
            yield


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
